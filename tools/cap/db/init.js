// Fills the database anew at each start: the same few hundred articles every time.
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADAgH/p5KmPwAAAABJRU5ErkJggg==', 'base64'
)
const CATEGORIES = [
  ['tools', null, 'Tools', 'Outils', 'Werkzeuge'],
  ['drills', 'tools', 'Drills', 'Perceuses', 'Bohrmaschinen'],
  ['saws', 'tools', 'Saws', 'Scies', 'Sägen'],
  ['bits', 'drills', 'Bits', 'Forets', 'Bohrer']
]
// keys with what is hard to write in an address
const STRANGE = ["O'NEIL/7", 'A B?#%', 'ÄÖ+&=', "''", 'x(y),z']

module.exports = async () => {
  const { Categories, Units, Items, Barcodes, Prices, Stock, Images } = cds.entities('erp')
  const count = Number(process.env.CAP_ITEMS || 300)
  const texts = (rows, key, names) => rows.flatMap(([code, fr, de]) => [
    { locale: 'fr', [key]: code, ...names(fr) }, { locale: 'de', [key]: code, ...names(de) }
  ])

  await INSERT.into(Categories).entries(CATEGORIES.map(([code, parent, name]) => ({ code, parent_code: parent, name })))
  await INSERT.into(`${Categories.name}.texts`).entries(
    texts(CATEGORIES.map(([code, , , fr, de]) => [code, fr, de]), 'code', name => ({ name })))
  await INSERT.into(Units).entries([{ code: 'PCS', name: 'piece' }, { code: 'KG', name: 'kilogram' }])
  await INSERT.into(`${Units.name}.texts`).entries(texts([['PCS', 'pièce', 'Stück']], 'code', name => ({ name })))

  const items = [], itemTexts = [], barcodes = [], prices = [], stock = [], images = []
  const begin = Date.UTC(2026, 0, 1)
  for (let at = 0; at < count; at++) {
    const number = at < STRANGE.length ? STRANGE[at] : `DR-${String(at).padStart(4, '0')}`
    // stamps come in sevens: many items were changed by one import
    const stamp = new Date(begin + Math.floor(at / 7) * 60_000).toISOString()
    items.push({
      number, name: `Drill ${at}`, text: at % 10 ? `Text of ${at}` : null, category_code: CATEGORIES[1 + (at % 3)][0],
      unit_code: at % 4 ? 'PCS' : 'KG', weight: `${at}.25${at % 10}`, serial: `${9007199254740993n + BigInt(at)}`,
      launched: '2025-03-09', blocked: at % 50 === 49, unitPrice: `${10 + at}.90`, inventory: `${at % 13}`,
      unitCost: `${5 + at}.10`, createdAt: stamp, modifiedAt: stamp, createdBy: 'seed', modifiedBy: 'seed'
    })
    itemTexts.push({ locale: 'de', number, name: `Bohrer ${at}`, text: null })
    if (at % 2) itemTexts.push({ locale: 'fr', number, name: `Perceuse ${at}`, text: `Texte ${at}` })
    for (let code = 0; code < at % 3; code++)
      barcodes.push({ item_number: number, ean: `${4000000000000 + at * 10 + code}`, kind: 'EAN13' })
    prices.push({ item_number: number, currency: 'EUR', amount: `${10 + at}.90` })
    if (at % 2) prices.push({ item_number: number, currency: 'CHF', amount: `${11 + at}.50` })
    for (const location of ['MAIN', 'SHOP'].slice(0, 1 + (at % 2)))
      stock.push({ item_number: number, location, quantity: `${at % 13}` })
    if (at < 20) images.push({ item_number: number, mediaType: 'image/png', content: PNG })
  }
  for (const [entity, rows] of [
    [Items, items], [`${Items.name}.texts`, itemTexts], [Barcodes, barcodes], [Prices, prices], [Stock, stock],
    [Images, images]
  ]) await INSERT.into(entity).entries(rows)
}
