CREATE TABLE kunden (
    id int PRIMARY KEY, vorname text NOT NULL, nachname text NOT NULL, email text, telefon text, ort text, land text,
    geburtsdatum date, aktiv boolean NOT NULL, angelegt_am timestamptz NOT NULL
);
CREATE TABLE artikel (id int PRIMARY KEY, bezeichnung text NOT NULL, groesse text, farbe text, preis numeric(10, 2) NOT NULL, lagerbestand int);
CREATE TABLE bestellungen (
    id int PRIMARY KEY, kunde_id int NOT NULL REFERENCES kunden,
    status text NOT NULL CHECK (status IN ('offen', 'bezahlt', 'versendet', 'storniert', 'retourniert')), bestellt_am timestamptz NOT NULL,
    gesamtbetrag numeric(12, 2) NOT NULL
);
CREATE TABLE positionen (
    id int PRIMARY KEY, bestellung_id int NOT NULL REFERENCES bestellungen, artikel_id int NOT NULL REFERENCES artikel,
    menge int NOT NULL, einzelpreis numeric(10, 2) NOT NULL
);
