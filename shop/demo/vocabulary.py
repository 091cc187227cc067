"""The words of the demo shop, in English and Chinese. Positions correspond between the two languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vocabulary:
    categories: tuple[str, ...]
    nouns: tuple[tuple[str, ...], ...]  # five a category
    makes: tuple[tuple[str, ...], ...]  # eight materials or cuts for clothes, leather goods, home
    colours: tuple[str, ...]
    brands: tuple[str, ...]
    title: str
    female: tuple[str, ...]
    male: tuple[str, ...]
    surnames: tuple[str, ...]
    cities: tuple[tuple[str, str], ...]  # (city, country)
    income: tuple[str, str, str]
    gender: tuple[str, str]
    searches: tuple[str, ...]
    placements: tuple[tuple[str, str], ...]  # (platform, placement), in the order of shop.demo.ads
    phone: str
    locale: str
    currency: str


SLUGS = ("women", "men", "shoes", "bags", "textiles", "kitchen", "decoration", "kids")
MAKES_OF = (0, 0, 1, 1, 2, 3, 4, 0)  # which tuple of `makes` a category uses
BASE_PRICES = (  # of the five nouns of each category, in pounds, at the middle tier
    (39, 59, 29, 79, 34), (35, 55, 25, 89, 42), (65, 49, 85, 39, 72), (79, 55, 32, 19, 45),
    (49, 28, 38, 22, 65), (24, 45, 35, 18, 55), (38, 25, 69, 20, 48), (22, 28, 18, 32, 15),
)
COLOUR_CODES = ("#29405f", "#b5533c", "#7d8f69", "#d9a441", "#8d6a9f", "#5b6475")

ENGLISH = Vocabulary(
    categories=("Women's clothing", "Men's clothing", "Shoes", "Bags & accessories", "Home textiles", "Kitchen & dining",
                "Lighting & decoration", "Children"),
    nouns=(("blouse", "dress", "top", "jacket", "skirt"), ("shirt", "jumper", "t-shirt", "overcoat", "trousers"),
           ("sneakers", "loafers", "ankle boots", "sandals", "brogues"), ("handbag", "rucksack", "belt", "scarf", "wallet"),
           ("duvet cover", "cushion", "throw", "towel set", "curtains"),
           ("mug set", "casserole", "bowl set", "tea towels", "knife block"),
           ("table lamp", "candle holder", "floor lamp", "picture frame", "wall mirror"),
           ("pyjamas", "dungarees", "romper", "rain jacket", "building blocks")),
    makes=(("Linen", "Organic cotton", "Merino", "Corduroy", "Denim", "Jersey", "Flannel", "Poplin"),
           ("Leather", "Suede", "Canvas", "Vegan leather", "Nubuck", "Waxed cotton", "Woven", "Recycled"),
           ("Linen", "Percale", "Waffle", "Velvet", "Wool", "Jacquard", "Muslin", "Quilted"),
           ("Stoneware", "Enamel", "Oak", "Porcelain", "Steel", "Bamboo", "Glazed", "Speckled"),
           ("Brass", "Rattan", "Smoked glass", "Oak", "Ceramic", "Marble", "Paper", "Concrete")),
    colours=("navy", "terracotta", "sage", "mustard", "plum", "slate"),
    brands=("Harbour & Vale", "Northfold", "Elm Row", "Studio Marl", "Linden", "Osier", "Field Nine", "Atelier Quay",
            "Plain Goods", "Wren"),
    title="{make} {noun}, {colour}",
    female=("Amelia", "Olivia", "Isla", "Ava", "Grace", "Sophie", "Emily", "Freya", "Charlotte", "Alice", "Hannah", "Lucy",
            "Zara", "Maya", "Eleanor", "Ruby", "Clara", "Nadia", "Priya", "Ingrid"),
    male=("Oliver", "George", "Arthur", "Noah", "Leo", "Jack", "Thomas", "Oscar", "Henry", "Daniel", "Adam", "Samuel",
          "Ethan", "Lucas", "Rohan", "Callum", "Owen", "Felix", "Hugo", "Marcus"),
    surnames=("Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel", "Wright", "Walker",
              "Thompson", "Green", "Hughes", "Edwards", "Hall", "Wood", "Clarke", "Murphy", "Khan", "Bell", "Foster",
              "Sullivan", "Fischer", "Laurent", "Jansen"),
    cities=(("London", "United Kingdom"), ("Manchester", "United Kingdom"), ("Bristol", "United Kingdom"),
            ("Leeds", "United Kingdom"), ("Edinburgh", "United Kingdom"), ("Cardiff", "United Kingdom"),
            ("Dublin", "Ireland"), ("Berlin", "Germany"), ("Lyon", "France"), ("Utrecht", "Netherlands")),
    income=("low", "middle", "high"), gender=("female", "male"),
    searches=("summer dress", "linen", "boots", "gift for mum", "lamp", "sale", "bedding", "kids pyjamas"),
    placements=(("Google Ads", "Search: brand"), ("Google Ads", "Search: generic"), ("Google Ads", "Shopping feed"),
                ("Meta Ads", "Instagram feed"), ("Meta Ads", "Facebook feed"), ("Meta Ads", "Retargeting"),
                ("TikTok Ads", "In-feed video"), ("TikTok Ads", "Spark ads")),
    phone="+44 7700 900{:03d}", locale="en-GB", currency="GBP",
)

CHINESE = Vocabulary(
    categories=("女装", "男装", "鞋靴", "箱包配饰", "家纺", "厨房餐具", "灯饰家饰", "童装玩具"),
    nouns=(("衬衫", "连衣裙", "上衣", "外套", "半身裙"), ("衬衫", "毛衣", "T恤", "大衣", "长裤"),
           ("运动鞋", "乐福鞋", "短靴", "凉鞋", "布洛克鞋"), ("手提包", "双肩包", "腰带", "围巾", "钱包"),
           ("被套", "抱枕", "盖毯", "毛巾套装", "窗帘"), ("马克杯套装", "炖锅", "碗套装", "茶巾", "刀具组"),
           ("台灯", "烛台", "落地灯", "相框", "壁镜"), ("睡衣", "背带裤", "连体衣", "雨衣", "积木")),
    makes=(("亚麻", "有机棉", "美利奴羊毛", "灯芯绒", "牛仔", "针织", "法兰绒", "府绸"),
           ("头层牛皮", "麂皮", "帆布", "环保皮革", "磨砂皮", "油蜡棉", "编织", "再生材质"),
           ("亚麻", "高支棉", "华夫格", "丝绒", "羊毛", "提花", "纱布", "绗缝"),
           ("粗陶", "珐琅", "橡木", "骨瓷", "不锈钢", "竹制", "釉面", "斑点"),
           ("黄铜", "藤编", "烟灰玻璃", "橡木", "陶瓷", "大理石", "纸艺", "水泥")),
    colours=("藏青", "陶土红", "鼠尾草绿", "芥末黄", "李子紫", "岩灰"),
    brands=("屿间", "北褶", "榆里", "麻叙", "椴木", "柳编社", "九号田", "码头工坊", "素物", "鹪鹩"),
    title="{make}{noun} {colour}",
    female=("芳", "娜", "敏", "静", "丽", "雨桐", "欣怡", "梓涵", "诗涵", "佳怡", "婷", "雪", "雅琴", "思琪", "晓燕", "玉兰"),
    male=("伟", "强", "磊", "洋", "勇", "浩然", "子轩", "宇航", "俊杰", "志远", "建国", "明", "天宇", "博文", "家豪", "晨"),
    surnames=("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
              "罗", "梁", "宋", "郑", "谢", "韩", "唐"),
    cities=(("上海", "中国"), ("北京", "中国"), ("广州", "中国"), ("深圳", "中国"), ("杭州", "中国"), ("成都", "中国"),
            ("武汉", "中国"), ("南京", "中国"), ("西安", "中国"), ("厦门", "中国")),
    income=("低", "中", "高"), gender=("女", "男"),
    searches=("连衣裙", "亚麻", "短靴", "送妈妈的礼物", "台灯", "特价", "四件套", "儿童睡衣"),
    placements=(("百度推广", "搜索：品牌词"), ("百度推广", "搜索：通用词"), ("百度推广", "商品推广"), ("微信广告", "朋友圈"),
                ("微信广告", "公众号"), ("微信广告", "再营销"), ("抖音", "信息流视频"), ("抖音", "达人合作")),
    phone="+86 100 0000 {:04d}", locale="zh-CN", currency="CNY",
)

LANGUAGES = {"en": ENGLISH, "zh-hans": CHINESE}
PER_POUND = {"CNY": 9.0, "EUR": 1.15, "USD": 1.3, "JPY": 190.0}
