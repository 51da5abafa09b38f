CREATE TABLE guests (id int PRIMARY KEY, full_name text NOT NULL, email text, country_code char(2), vip boolean NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE rooms (id int PRIMARY KEY, room_no text NOT NULL UNIQUE, room_type text NOT NULL, rate numeric(8, 2) NOT NULL, floor int NOT NULL);
CREATE TABLE bookings (
    id int PRIMARY KEY, guest_id int NOT NULL REFERENCES guests, room_id int NOT NULL REFERENCES rooms,
    status text NOT NULL CHECK (status IN ('booked', 'checked_in', 'checked_out', 'cancelled', 'no_show')),
    check_in date NOT NULL, check_out date NOT NULL, adults int NOT NULL, total numeric(10, 2) NOT NULL, source text, booked_at timestamptz NOT NULL
);
CREATE TABLE reviews (id int PRIMARY KEY, booking_id int NOT NULL REFERENCES bookings, stars int NOT NULL CHECK (stars BETWEEN 1 AND 5), body text);
