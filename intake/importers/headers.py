"""The headers by which shops name the columns of a file of orders, in several languages."""

from __future__ import annotations

import re

from intake.importers.formats import FIELDS, Format

UCI = {
    "order_number": "InvoiceNo",
    "ordered_at": "InvoiceDate",
    "customer_id": "CustomerID",
    "country": "Country",
    "sku": "StockCode",
    "title": "Description",
    "quantity": "Quantity",
    "unit_price": "UnitPrice",
}
SHOPIFY = {
    "order_number": "Name",
    "ordered_at": "Created at",
    "status": "Financial Status",
    "currency": "Currency",
    "country": "Billing Country",
    "discount": "Discount Amount",
    "coupon": "Discount Code",
    "email": "Email",
    "phone": "Phone",
    "first_name": "Billing Name",
    "consent_email": "Accepts Marketing",
    "refunded": "Refunded Amount",
    "sku": "Lineitem sku",
    "title": "Lineitem name",
    "brand": "Vendor",
    "quantity": "Lineitem quantity",
    "unit_price": "Lineitem price",
    "line_discount": "Lineitem discount",
}
SIGNATURES = {
    Format.UCI: ["InvoiceNo", "StockCode", "Quantity", "UnitPrice"],
    Format.SHOPIFY: ["Name", "Lineitem quantity"],
}

SYNONYMS = {
    "order_number": "order number|order no|order id|orderid|order|order name|invoice|invoice no"
    "|invoice number|invoiceno|transaction id|bestellnummer|bestell nr|bestellung|auftragsnummer"
    "|auftrag|rechnungsnummer|numéro de commande|n° de commande|n° commande|commande|número de pedido"
    "|nº de pedido|nº pedido|pedido|número de factura|factura|订单号|订单编号|訂單編號|订单id|交易号",
    "ordered_at": "ordered at|order date|date|datetime|created at|created|purchase date|invoicedate"
    "|invoice date|placed at|timestamp|time|bestelldatum|datum|rechnungsdatum|date de commande"
    "|date commande|fecha de pedido|fecha del pedido|fecha|下单时间|订单时间|订单创建时间|日期"
    "|下单日期|付款时间|訂單日期",
    "status": "status|order status|financial status|payment status|bestellstatus|zahlungsstatus|statut"
    "|estado|订单状态|状态|訂單狀態",
    "currency": "currency|currency code|währung|devise|moneda|divisa|币种|货币|幣別",
    "customer_id": "customer id|customerid|customer|customer no|customer number|client id|user id"
    "|kundennummer|kunden nr|kunde|numéro client|n° client|client|número de cliente|nº de cliente"
    "|cliente|客户编号|客户id|客户|会员号|会员编号|会员id|用户id|买家会员名|買家",
    "country": "country|billing country|shipping country|land|pays|país|国家|國家|国家地区",
    "discount": "discount|order discount|discount amount|rabatt|remise|descuento|优惠金额|折扣|订单优惠",
    "coupon": "coupon|coupon code|discount code|voucher|gutschein|gutscheincode|code promo|cupón|优惠券"
    "|优惠码",
    "email": "email|e mail|customer email|email address|e mail adresse|mail|correo electrónico|correo|邮箱"
    "|电子邮箱|电子邮件|電子郵件",
    "phone": "phone|telephone|mobile|customer phone|telefon|handy|téléphone|teléfono|手机|手机号|电话"
    "|联系手机|電話",
    "first_name": "first name|firstname|given name|customer name|name|vorname|prénom|nombre|姓名|名字"
    "|收货人姓名|名",
    "last_name": "last name|lastname|surname|family name|nachname|nom|apellidos|apellido|姓|姓氏",
    "consent_email": "accepts marketing|email consent|newsletter|opt in|consent|consent email|einwilligung"
    "|接受营销|订阅",
    "refunded": "refunded amount|amount refunded|refund amount|refunded|erstattungsbetrag"
    "|erstatteter betrag|erstattung|montant remboursé|importe reembolsado|退款金额",
    "sku": "sku|stockcode|stock code|product id|product code|product number|item id|item number|item code"
    "|article number|article code|artikelnummer|artikel nr|art nr|artikelcode|artikel id|produktnummer"
    "|produkt nr|produktcode|produkt id|référence|référence produit|code article|code produit"
    "|referencia|código|código de producto|código de artículo|número de artículo|商品编码|商品编号"
    "|货号|商品id|商家编码|款号|商品貨號|产品编号|产品编码|产品id",
    "title": "title|product name|product title|item name|article name|artikelname|artikelbezeichnung"
    "|artikeltitel|bezeichnung|produktname|produktbezeichnung|produkttitel|titel|désignation|libellé"
    "|nom du produit|nom produit|nom de l'article|nombre del producto|nombre de producto"
    "|nombre del artículo|título|商品名称|名称|商品标题|宝贝标题|品名|商品名稱|产品名称|标题|標題",
    "category": "category|product category|product type|kategorie|warengruppe|catégorie|categoría|类目"
    "|分类|商品分类|品类|類別",
    "brand": "brand|vendor|manufacturer|marke|hersteller|marque|marca|品牌",
    "quantity": "quantity|qty|units|count|amount ordered|menge|anzahl|stück|stückzahl|quantité|qté"
    "|cantidad|unidades|数量|购买数量|件数|宝贝总数量|數量",
    "unit_price": "unit price|unitprice|price|item price|price each|einzelpreis|preis|stückpreis"
    "|prix unitaire|prix|precio unitario|precio|单价|商品单价|价格|售价|單價",
    "line_total": "line total|total|amount|row total|sales|gesamtpreis|gesamt|betrag|summe|total ligne"
    "|montant|importe|金额|小计|总价|商品金额|金額",
    "line_discount": "line discount|item discount|positionsrabatt|商品优惠",
    "line_id": "line id|line item id|lineid|order line id|positionsnummer|position|子订单编号|子订单号|行号",
}
MEANING = {header: name for name, headers in SYNONYMS.items() for header in headers.split("|")}
MEANING |= {name.replace("_", " "): name for name in FIELDS}
# Columns that hold a product's number in some shops and its title in others: what else the file has decides.
PRODUCT = {
    "product",
    "item",
    "article",
    "artikel",
    "produkt",
    "ware",
    "produit",
    "producto",
    "artículo",
    "商品",
    "产品",
    "產品",
}
DESCRIPTION = {  # a title where no other column is one
    "description", "item description", "product description", "beschreibung", "artikelbeschreibung",
    "produktbeschreibung",
    "descripción", "商品描述",
}  # fmt: skip


def recognise(header: list[str]) -> str:
    for format, names in SIGNATURES.items():
        if set(names) <= {cell.strip() for cell in header}:
            return format
    return Format.GENERIC


def plain_header(name: str) -> str:
    """CustomerID, customer_id, Customer-Id -> customer id."""
    return re.sub(r"[\s_.\-/]+", " ", re.sub(r"([a-z])([A-Z])", r"\1 \2", name)).strip().lower()


def guess_mapping(header: list[str], format: str) -> dict[str, int]:
    """Field -> column, by the headers' names: exact for the known formats, in several languages for
    others."""
    names = [cell.strip() for cell in header]
    if format != Format.GENERIC:
        table = UCI if format == Format.UCI else SHOPIFY
        return {name: names.index(column) for name, column in table.items() if column in names}
    plain = [plain_header(name) for name in names]
    mapping: dict[str, int] = {}
    for position, name in enumerate(plain):
        meaning = MEANING.get(name) or MEANING.get(name.replace(" ", ""))
        if meaning:
            mapping.setdefault(meaning, position)
    for position in (at for at, name in enumerate(plain) if name in PRODUCT):
        mapping.setdefault("title" if "sku" in mapping else "sku", position)
    for position in (at for at, name in enumerate(plain) if name in DESCRIPTION):
        mapping.setdefault("title", position)
    return mapping
