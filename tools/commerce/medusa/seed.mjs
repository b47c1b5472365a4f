// Seeds a running Medusa over its Admin API: four variants of each article, EUR and USD, two stock locations.
// usage: node seed.mjs URL EMAIL PASSWORD ARTICLES
const [url, email, password, articles] = process.argv.slice(2);
let token = '';

async function call(method, path, body) {
    const r = await fetch(url + path, {
        method, body: body && JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    });
    const text = await r.text();
    if (!r.ok) throw new Error(`${method} ${path}: ${r.status} ${text}`);
    return JSON.parse(text);
}

token = (await call('POST', '/auth/user/emailpass', { email, password })).token;
const store = (await call('GET', '/admin/stores')).stores[0];
await call('POST', `/admin/stores/${store.id}`, {
    supported_currencies: [{ currency_code: 'eur', is_default: true }, { currency_code: 'usd' }],
});
const locations = [];
for (const name of ['Main warehouse', 'Second warehouse']) {
    const { stock_location: l } = await call('POST', '/admin/stock-locations', { name });
    await call('POST', `/admin/stock-locations/${l.id}/sales-channels`, { add: [store.default_sales_channel_id] });
    locations.push(l.id);
}
for (let n = 1; n <= Number(articles); n++) {
    const id = String(n).padStart(4, '0');
    const variants = [];
    for (const color of ['Red', 'Blue']) for (const size of ['S', 'M']) {
        variants.push({
            title: `${color} ${size}`, sku: `ERP-${id}-${color[0]}${size}`, manage_inventory: true,
            options: { Color: color, Size: size },
            prices: [{ currency_code: 'eur', amount: 9 + n }, { currency_code: 'usd', amount: 10 + n }],
        });
    }
    await call('POST', '/admin/products', {
        title: `Article ${id}`, handle: `article-${id}`, status: 'published', external_id: `ERP-${id}`,
        sales_channels: [{ id: store.default_sales_channel_id }],
        options: [{ title: 'Color', values: ['Red', 'Blue'] }, { title: 'Size', values: ['S', 'M'] }], variants,
    });
}
const { inventory_items: items } = await call('GET', '/admin/inventory-items?limit=1000&fields=id,sku');
await call('POST', '/admin/inventory-items/location-levels/batch', {
    create: items.flatMap(i => locations.map((location_id, k) => ({
        inventory_item_id: i.id, location_id, stocked_quantity: k ? 3 : Number(i.sku.slice(4, 8)),
    }))),
});
