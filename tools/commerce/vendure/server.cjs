// A Vendure server on loopback with SQLite storage and a small seeded catalogue.
// usage: node server.cjs PORT ARTICLES [fill]   (run from the folder that holds node_modules)
// With `fill` it makes the database anew, and ends; else it serves the one that is there.
'use strict';
const fs = require('fs');
const path = require('path');
const { bootstrap, DefaultJobQueuePlugin, DefaultLogger, LogLevel } = require('@vendure/core');
const { populate } = require('@vendure/core/cli');

const HERE = __dirname;
const PORT = Number(process.argv[2]);
const ARTICLES = Number(process.argv[3]);
const DB = path.join(HERE, 'shop.sqlite');
const CSV = path.join(HERE, 'products.csv');
const fresh = process.argv[4] === 'fill';

const config = {
    apiOptions: {
        hostname: '127.0.0.1', port: PORT, adminApiPath: 'admin-api', shopApiPath: 'shop-api',
        adminListQueryLimit: 1000, shopListQueryLimit: 100,
    },
    authOptions: {
        tokenMethod: ['bearer', 'cookie', 'api-key'],
        superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
        cookieOptions: { secret: 'loopback-only' }, requireVerification: false,
    },
    dbConnectionOptions: { type: 'better-sqlite3', database: DB, synchronize: fresh, logging: false },
    paymentOptions: { paymentMethodHandlers: [] },
    customFields: {},
    logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: false }),
    plugins: [DefaultJobQueuePlugin.init({ pollInterval: 500 })],
};

const COLORS = ['Red', 'Blue'];
const SIZES = ['S', 'M'];

function csv() { // four variants each: ERP-0001-RS, -RM, -BS, -BM
    const rows = ['name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets'];
    for (let n = 1; n <= ARTICLES; n++) {
        const id = String(n).padStart(4, '0');
        let first = true;
        for (const c of COLORS) for (const s of SIZES) {
            const head = first ? [`Article ${id}`, `article-${id}`, `Seeded article ${id}`, '', 'category:seeded', 'color|size'] : ['', '', '', '', '', ''];
            rows.push([...head, `${c}|${s}`, `ERP-${id}-${c[0]}${s}`, (9 + n).toFixed(2), 'standard', String(n), 'true', '', ''].join(','));
            first = false;
        }
    }
    return rows.join('\n') + '\n';
}

const initialData = {
    defaultLanguage: 'en', defaultZone: 'Europe',
    countries: [{ name: 'France', code: 'FR', zone: 'Europe' }, { name: 'Germany', code: 'DE', zone: 'Europe' }],
    taxRates: [{ name: 'Standard Tax', percentage: 20 }],
    shippingMethods: [{ name: 'Standard', price: 500 }],
    paymentMethods: [], collections: [],
};

async function gql(query, variables, token) {
    const r = await fetch(`http://127.0.0.1:${PORT}/admin-api`, {
        method: 'POST', body: JSON.stringify({ query, variables }),
        headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    });
    const body = await r.json();
    if (body.errors) throw new Error(JSON.stringify(body.errors));
    return { data: body.data, token: r.headers.get('vendure-auth-token') };
}

async function finish() { // what the importer has no column for: a second currency, a second stock location
    const { token } = await gql('mutation { login(username: "superadmin", password: "superadmin") { __typename } }');
    const { data } = await gql('{ channels { items { id code } } }', {}, token);
    await gql(`mutation ($i: UpdateChannelInput!) { updateChannel(input: $i) { __typename ... on ErrorResult { message } } }`,
        { i: { id: data.channels.items[0].id, defaultCurrencyCode: 'EUR', availableCurrencyCodes: ['EUR', 'USD'], trackInventory: true } }, token);
    const made = await gql('mutation { createStockLocation(input: { name: "Second warehouse", description: "" }) { id } }', {}, token);
    const all = [];
    for (let more = true; more;) {
        const query = `query ($skip: Int!) { productVariants(options: { skip: $skip, take: 1000, sort: { id: ASC } }) {
            totalItems items { id prices { price } } } }`;
        const { productVariants: page } = (await gql(query, { skip: all.length }, token)).data;
        all.push(...page.items);
        more = all.length < page.totalItems;
    }
    for (let start = 0; start < all.length; start += 200) { // a body may hold some 100 KB
        await gql('mutation ($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) { id } }', {
            i: all.slice(start, start + 200).map(v => ({
                id: v.id, stockLevels: [{ stockLocationId: made.data.createStockLocation.id, stockOnHand: 3 }],
                prices: [{ currencyCode: 'EUR', price: v.prices[0].price }, { currencyCode: 'USD', price: Math.round(v.prices[0].price * 1.1) }],
            })),
        }, token);
    }
}

(async () => {
    if (!fresh) return bootstrap(config);
    fs.rmSync(DB, { force: true });
    fs.writeFileSync(CSV, csv());
    const app = await populate(() => bootstrap(config), initialData, CSV);
    await finish();
    await app.close();
    process.exit(0);
})().catch(e => { console.error(e); process.exit(1); });
