"""What a table is about, by its name: a person, a product, a country, ..."""

from functools import lru_cache

from app.generator.meaning.naming import canonical, raw_tokens, singular, tokens

# Entity -> the words (canonical or plain, singular) that name it. The last word of a table's name decides first.
_ENTITIES = {
    "person": "person customer user employee profile contact author member persona",
    "company": "company organization brandowner account2 restaurant2",
    "product": "product menu2 sku part good variant catalog offering accessory",
    "country": "country",
    "city": "city",
    "region": "region",
    "continent": "continent",
    "language": "language",
    "currency": "currency",
    "category": "category genre2 taxonomy",
    "brand": "brand",
    "department": "department",
    "project": "project initiative",
    "task": "task todo ticket2 subtask story issue2 milestone activity assignment",
    "ticket": "ticket issue incident request2 case complaint",
    "medication_order": "prescription",
    "event": "event conference meetup concert webinar festival show exhibition",
    "work": "film book album song track track2 episode playlist video game podcast movie artwork painting",
    "genre": "genre",
    "course": "course lesson module curriculum training",
    "school": "school university college faculty institution",
    "role": "role",
    "permission": "permission privilege scope",
    "tag": "tag topic keyword hashtag",
    "team": "team club squad",
    "pet": "pet animal",
    "dish": "dish recipe meal food",
    "ingredient": "ingredient",
    "restaurant": "restaurant cafe bar",
    "hotel": "hotel property resort lodging",
    "store": "store shop outlet branch",
    "warehouse": "warehouse depot storage",
    "file": "file image",
    "campaign": "campaign promotion",
    "plan": "plan tier subscription2 package",
    "article": "post article page news blog headline announcement document2 wiki",
    "comment": "comment reply review feedback note2 remark",
    "message": "message notification email chat conversation",
    "vehicle": "vehicle car truck bus fleet",
    "device": "device sensor machine equipment printer",
    "host": "host server node instance vm",
    "artist": "artist band musician",
    "job": "job_title occupation position job title2 vacancy",
    "skill": "skill competency",
    "industry": "industry",
    "bank": "bank",
    "carrier": "carrier shipper courier",
    "service": "service treatment procedure",
    "medication": "medication drug medicine",
    "diagnosis": "diagnosis disease condition",
    "specialty": "specialty speciality",
    "sport": "sport discipline",
    "color": "color",
    "unit": "unit",
    "airport": "airport",
    "building": "building venue site facility campus",
    "room": "room",
    "metric": "metric measurement indicator",
    "payment_method": "payment_method",
    "amenity": "amenity",
    "order": "order invoice",
    "setting": "setting config configuration preference option parameter flag toggle",
    "subject": "subject",
}
_BY_WORD = {word: entity for entity, words in _ENTITIES.items() for word in words.split()}
# Words that say how a table relates to another, not what it is about.
_HOLLOW = frozenset(
    "master data info detail table tbl list history archive view dim fact stg raw base main type log new old tmp temp "
    "record entry row item set map line".split()
)


@lru_cache(maxsize=4096)
def entity_of(table: str) -> str | None:
    """The entity that a table's rows are; None when its name does not say."""
    whole = "_".join(tokens(table))
    if whole in _BY_WORD:
        return _BY_WORD[whole]
    pieces = [piece for piece in raw_tokens(table) if not piece.isdigit()]
    words = [singular(piece) for piece in pieces]
    if words and words[-1] == "type" and len(words) > 1:
        return None
    solid = [n for n, word in enumerate(words) if word not in _HOLLOW] or list(range(len(words)))
    for place in reversed(solid):
        parts = canonical(pieces[place])
        for word in (words[place], "".join(parts), parts[-1], parts[0]):
            if word in _BY_WORD:
                return _BY_WORD[word]
    return None
