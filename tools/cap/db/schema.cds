namespace erp;

using { managed } from '@sap/cds/common';

entity Categories {
  key code   : String(40);
      name   : localized String(120);
      parent : Association to Categories;
}

entity Units {
  key code : String(10);
      name : localized String(60);
}

/** What an ERP knows of an article: slow data, and beside it price and stock, which move all day. */
entity Items : managed {
  key number    : String(60);
      name      : localized String(120);
      text      : localized String(2000);
      category  : Association to Categories;
      unit      : Association to Units;
      weight    : Decimal(13, 3);
      serial    : Integer64;
      launched  : Date;
      released  : Timestamp;
      blocked   : Boolean default false;
      unitPrice : Decimal(15, 2);
      inventory : Decimal(15, 3);
      unitCost  : Decimal(15, 2);
      /** The key under which another program made this item. */
      externalKey : String(80);
      barcodes  : Composition of many Barcodes on barcodes.item = $self;
      prices    : Composition of many Prices on prices.item = $self;
      stock     : Composition of many Stock on stock.item = $self;
      image     : Composition of one Images on image.item = $self;
}

entity Barcodes {
  key item : Association to Items;
  key ean  : String(14);
      kind : String(10);
}

entity Prices {
  key item     : Association to Items;
  key currency : String(3);
      amount   : Decimal(15, 2);
}

entity Stock {
  key item     : Association to Items;
  key location : String(20);
      quantity : Decimal(15, 3);
}

entity Images {
  key item      : Association to Items;
      mediaType : String(40) @Core.IsMediaType;
      content   : LargeBinary @Core.MediaType: mediaType;
}
