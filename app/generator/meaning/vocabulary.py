"""Which pools, lists and numbers stand for which concepts of text."""

POOLS = {
    "brand": "brands", "category": "categories", "department": "departments", "industry": "industries",
    "slogan": "slogans", "marital_status": "marital_statuses", "blood_type": "blood_types",
    "nationality": "nationalities", "honorific": "honorifics", "name_suffix": "name_suffixes", "color": "colours",
    "tag": "tags", "skill": "skills", "unit": "units", "payment_method": "payment_methods",
    "card_brand": "card_brands", "bank": "banks", "carrier": "carriers", "operating_system": "operating_systems",
    "browser": "browsers", "device": "devices", "platform": "platforms", "genre": "genres", "level": "levels",
    "size": "sizes", "season": "seasons", "weekday": "weekdays", "month_name": "months", "log_level": "log_levels",
    "http_method": "http_methods", "environment": "environments", "role": "roles", "permission": "permissions",
    "event_kind": "events", "action": "events", "service": "services", "plan": "plans", "project": "projects",
    "course": "courses", "school_subject": "subjects", "school": "schools", "dish": "dishes",
    "ingredient": "ingredients", "animal": "animals", "breed": "breeds", "pet_name": "pet_names",
    "car_make": "car_makes", "car_model": "car_models", "vehicle_type": "vehicle_types", "fuel": "fuels",
    "diagnosis": "diagnoses", "medication": "medications", "specialty": "specialties", "instrument": "instruments",
    "sport": "sports", "team": "teams", "metric": "metrics", "amenity": "amenities", "room_type": "room_types",
    "venue": "buildings", "player_position": "positions", "relationship": "relationships", "source": "sources",
    "reason": "reasons", "condition": "conditions", "weather": "weather", "task": "tasks", "event_title":
    "events_titles", "campaign": "campaigns", "warehouse": "warehouses", "material": "product_materials",
}  # fmt: skip
ONE_OF: dict[str, tuple[list[str], list[int] | None]] = {
    "kind": (["standard", "premium", "basic", "custom", "internal", "external"], None),
    "currency_symbol": (["$", "€", "£", "¥", "Fr", "kr", "zł", "R$"], None),
    "film_rating": (["G", "PG", "PG-13", "R", "NC-17"], None),
    "semester": (["Fall 2024", "Spring 2025", "Summer 2025", "Fall 2025"], None),
    "grade": (["A", "B", "C", "D", "F"], [25, 35, 25, 10, 5]),
    "queue": (["default", "mailers", "low", "high", "exports", "imports"], None),
    "channel": (["email", "sms", "push", "web", "phone"], None),
    "branch": (["main", "develop", "master", "staging"], [8, 1, 1, 1]),
    "cuisine": (["Italian", "Thai", "Mexican", "Indian", "French", "Japanese", "Greek", "Spanish"], None),
    "email_type": (["home", "work", "other"], [5, 4, 1]),
    "dosage": (["5 mg", "10 mg", "20 mg", "50 mg", "100 mg", "250 mg", "500 mg", "1 g"], None),
    "allergy": (["none", "pollen", "peanuts", "penicillin", "lactose", "shellfish", "latex"], [6, 1, 1, 1, 1, 1, 1]),
    "hobby": (["reading", "cycling", "cooking", "chess", "hiking", "photography", "gardening", "swimming"], None),
    "airport_code": ([f"X{a}{b}" for a in "ABCDEFGH" for b in "JKLMNPQR"], None),
    "calling_code": (["1", "44", "49", "33", "34", "55", "31", "39", "81", "91", "61", "41"], None),
    "icon": (["star", "heart", "home", "user", "bell", "cart", "tag", "folder", "gear", "map"], None),
    "symbol": ([f"{a}{b}X{c}" for a in "ABDE" for b in "CKMR" for c in "QTZ"], None),
    "http_status": (["200", "201", "204", "301", "400", "404", "500"], [70, 8, 5, 4, 5, 6, 2]),
    "quantity_text": (["12 boxes", "24 bottles", "10 kg bag", "6 x 330 ml", "1 piece", "50 sheets", "20 bags"], None),
    "flag_text": (["Y", "N"], [4, 1]),
    "name_infix": (["van", "de", "van der", "van den", "van de", "ter", "den", "te"], [9, 8, 6, 4, 4, 1, 1, 1]),
    "rarity": (["common", "uncommon", "rare", "epic", "legendary"], [50, 25, 15, 7, 3]),
    "priority": (["low", "medium", "high", "urgent"], [3, 5, 3, 1]),
}
CHECKED = {
    "card_number": "card", "card_last4": "card_last4", "cvv": "cvv", "iban": "iban", "bic": "bic", "vat": "vat",
    "ssn": "ssn", "passport": "passport", "license_plate": "license_plate", "vin": "vin", "imei": "imei",
    "isbn": "isbn13", "issn": "issn", "upc": "upc", "ean": "ean13", "tracking": "tracking",
    "routing_number": "routing", "account_number": "account", "flight_number": "flight",
}  # fmt: skip
PLAIN = {
    "password": "password_hash", "user_agent": "user_agent", "hostname": "host_name", "mime_type": "mime_type",
    "extension": "file_extension", "url_path": "url_path", "version": "version", "color_code": "colour_code",
    "job_title": "job_title", "company": "company", "store": "company", "restaurant": "company", "hotel": "company",
    "product": "product", "work_title": "work_title", "headline": "headline", "bio": "bio", "note": "note",
    "comment": "comment", "message": "message", "error": "error_message", "ticket": "ticket", "subject": "ticket",
    "domain": "domain_name", "house_number": "house_number", "artist": "full_name", "commit_message": "headline",
    "uuid": "uuid", "mac": "mac_address", "ip": "ip_address",
}  # fmt: skip
SERIAL_PREFIXES = {
    "order": "ORD-", "invoice": "INV-", "customer": "C-", "person": "P-", "ticket": "T-", "booking": "BK-",
    "reservation": "R-", "case": "CASE-", "receipt": "RC-", "contract": "CT-", "policy": "PL-", "payment": "PAY-",
    "shipping": "SH-", "delivery": "DN-", "batch": "B-", "lot": "LOT-", "serial": "SN-", "employee": "E-",
    "personnel": "E-", "product": "PN-", "project": "PRJ-", "claim": "CL-", "quote": "Q-", "return": "RMA-",
}  # fmt: skip
STATUSES = {
    "order": ["pending", "processing", "shipped", "delivered", "cancelled", "returned"],
    "task": ["todo", "in_progress", "in_review", "done", "cancelled"],
    "ticket": ["open", "in_progress", "waiting", "resolved", "closed"],
    "person": ["active", "inactive", "pending", "suspended"],
    "article": ["draft", "in_review", "published", "archived"],
    "project": ["planned", "active", "on_hold", "completed", "cancelled"],
    "event": ["scheduled", "completed", "cancelled"],
    "payments": ["pending", "paid", "failed", "refunded"],
    "plan": ["trialing", "active", "past_due", "cancelled"],
    "message": ["queued", "sent", "delivered", "failed"],
    "vehicle": ["available", "in_use", "maintenance", "retired"],
    "device": ["online", "offline", "maintenance"],
}
STATUS_WORDS = (
    ("order", {"order", "bestellung", "commande", "pedido", "bestelling"}),
    ("payments", {"payment", "invoice", "transaction", "refund"}),
    ("plan", {"subscription", "plan", "trial"}),
    ("message", {"message", "email", "notification", "delivery"}),
)
