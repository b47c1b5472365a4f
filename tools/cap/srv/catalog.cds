using { erp } from '../db/schema';

@requires: 'authenticated-user'
service CatalogService @(path: '/odata/v4/catalog') {
  entity Items as projection on erp.Items;
  entity Categories as projection on erp.Categories;
  entity Units as projection on erp.Units;
  entity Barcodes as projection on erp.Barcodes;
  entity Prices as projection on erp.Prices;
  entity Stock as projection on erp.Stock;
  entity Images as projection on erp.Images;

  annotate Items with {
    modifiedAt @odata.etag;
    serial     @readonly;
  }
}
