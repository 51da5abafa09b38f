"""Moments of a row come in the order of what they are of, in English, German and Dutch, written out and cut short."""

from itertools import pairwise

import pytest

from tests.unit.meaning.tables import Table

_BESIDE = {
    "en_US": {"reference_number": "varchar(20)", "remarks": "text"},
    "de_DE": {"vorgangsnummer": "varchar(20)", "bearbeiter": "varchar(60)", "bemerkung": "text", "strasse": "text"},
    "nl_NL": {"dossiernummer": "varchar(20)", "behandelaar": "varchar(60)", "opmerking": "text", "straat": "text"},
}


@pytest.mark.parametrize(
    ("locale", "table", "names"),
    [
        ("en_US", "incidents", "detected_at acked_at mitigated_at resolved_at closed_at"),
        ("en_US", "deployments", "queued_at started_at finished_at rolled_back_at"),
        ("en_US", "lab_samples", "collected_at received_at analysed_at reported_at"),
        ("en_US", "court_cases", "filed_on served_on hearing_date judgment_date"),
        ("en_US", "flights", "off_block takeoff landing on_block"),
        ("de_DE", "bauantraege", "Antragseingang Bescheiddatum Baubeginn Fertigstellung"),
        ("de_DE", "antraege", "Gestellt_am Geprueft_am Bewilligt_am Ausgezahlt_am"),
        ("de_DE", "verfahren", "Klageeingang Zustellung Verhandlung Urteilsdatum Rechtskraft"),
        ("de_DE", "proben", "Entnahme_Dat Eingang_Labor Analyse_Dat Freigabe_Dat"),
        ("de_DE", "hotelbuchungen", "Buchungsdatum Anreise Abreise"),
        ("nl_NL", "aanvragen", "aanvr_dat ontv_dat besl_dat"),
        ("nl_NL", "orders", "best_dat pick_dat verz_dat lev_dat"),
        ("nl_NL", "havenbezoeken", "aank_dtm vertr_dtm"),
        ("nl_NL", "zaken", "dagvaardingsdatum zittingsdatum uitspraakdatum"),
    ],
)
def test_moments_come_in_their_order(locale: str, table: str, names: str) -> None:
    """A sample is received before it is analysed, goods after they were sent; in no row is it otherwise."""
    columns = names.split()
    rows = Table(table, {**_BESIDE[locale], **dict.fromkeys(columns, "timestamptz")}, locale).rows()
    for first, second in pairwise(columns):
        both = [row for row in rows if row[first] is not None and row[second] is not None]
        assert both
        assert [row for row in both if row[second] < row[first]] == []
