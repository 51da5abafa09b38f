CREATE TABLE warehouses (id int PRIMARY KEY, name text NOT NULL, city text NOT NULL, country text NOT NULL, capacity int NOT NULL);
CREATE TABLE drivers (id int PRIMARY KEY, full_name text NOT NULL, license_no text NOT NULL, phone text);
CREATE TABLE vehicles (id int PRIMARY KEY, type text NOT NULL, plate text NOT NULL UNIQUE, payload_kg int NOT NULL);
CREATE TABLE shipments (
    id bigint PRIMARY KEY, origin_id int NOT NULL REFERENCES warehouses, driver_id int REFERENCES drivers,
    vehicle_id int REFERENCES vehicles, service text NOT NULL,
    status text NOT NULL CHECK (status IN ('created', 'in_transit', 'delivered', 'lost', 'damaged')), weight_kg numeric(8, 2) NOT NULL,
    cost numeric(10, 2) NOT NULL, shipped_at timestamptz NOT NULL, delivered_at timestamptz, is_express boolean NOT NULL
);
CREATE TABLE packages (id bigint PRIMARY KEY, shipment_id bigint NOT NULL REFERENCES shipments, contents text, fragile boolean NOT NULL);
