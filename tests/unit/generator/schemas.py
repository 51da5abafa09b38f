"""Snapshots written in Python, for tests of the engine that need no database."""

from app.generator.snapshot.model import Column, ForeignKey, KeyElement, QName, Snapshot, Table, TypeRef, UniqueKey


def type_of(name: str, *modifiers: int) -> TypeRef:
    """A built-in type by its catalogue name."""
    return TypeRef("pg_catalog", name, modifiers)


INT, TEXT, UUID = type_of("int4"), type_of("text"), type_of("uuid")
DATE, TIMESTAMPTZ, MONEY = type_of("date"), type_of("timestamptz"), type_of("numeric", 10, 2)


def column(name: str, kind: TypeRef = INT, *, null: bool = False) -> Column:
    """A column, NOT NULL unless said otherwise."""
    return Column(name, kind, nullable=null)


def key(*columns: str, primary: bool = False, name: str | None = None) -> UniqueKey:
    """A unique key over columns."""
    return UniqueKey(name or "_".join((*columns, "key")), tuple(KeyElement(c) for c in columns), primary=primary)


def reference(
    columns: str | tuple[str, ...], table: str, refs: str | tuple[str, ...] = "id", **options: bool
) -> ForeignKey:
    """A foreign key to a table of schema public."""
    own = (columns,) if isinstance(columns, str) else columns
    others = (refs,) if isinstance(refs, str) else refs
    return ForeignKey("_".join((*own, "fkey")), own, QName("public", table), others, **options)  # type: ignore[arg-type]  # only boolean options are passed


def table(name: str, *columns: Column, keys: tuple[UniqueKey, ...] = (), refers: tuple[ForeignKey, ...] = ()) -> Table:
    """A table of schema public."""
    return Table(QName("public", name), columns, keys=keys, foreign_keys=refers)


def shop() -> Snapshot:
    """Customers, products, orders with lines, tags, and employees who report to each other."""
    return Snapshot(
        (
            table(
                "customers",
                column("id"),
                column("first_name", TEXT),
                column("last_name", TEXT),
                column("email", TEXT),
                column("created_at", TIMESTAMPTZ),
                column("updated_at", TIMESTAMPTZ, null=True),
                keys=(key("id", primary=True), key("email")),
            ),
            table(
                "employees",
                column("id"),
                column("manager_id", null=True),
                keys=(key("id", primary=True),),
                refers=(reference("manager_id", "employees"),),
            ),
            table(
                "order_lines",
                column("order_id"),
                column("line_no"),
                column("product_id", UUID),
                column("price", MONEY),
                keys=(key("order_id", "line_no", primary=True),),
                refers=(reference("order_id", "orders"), reference("product_id", "products")),
            ),
            table(
                "orders",
                column("id"),
                column("customer_id"),
                column("placed_on", DATE, null=True),
                keys=(key("id", primary=True),),
                refers=(reference("customer_id", "customers"),),
            ),
            table("product_tags", column("product_id", UUID), column("tag_id"),
                  keys=(key("product_id", "tag_id", primary=True),),
                  refers=(reference("product_id", "products"), reference("tag_id", "tags"))),
            table("products", column("id", UUID), column("sku", TEXT), keys=(key("id", primary=True), key("sku"))),
            table("tags", column("id"), column("name", TEXT), keys=(key("id", primary=True), key("name"))),
        )
    )  # fmt: skip
