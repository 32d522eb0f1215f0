"""Small Exreport extracts for tests, written the way the source system writes them."""

from __future__ import annotations

VISIT_HEADER = (
    "Käyntitunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;Yhteystapa;"
    "Kiireellisyys;Käynnin luonne;Ensikäynti;Yhteydenotto;Hoidon tarpeen arviointi;Ajanvaraus tehty;Käynti;Tila"
)
QUEUE_HEADER = (
    "Poimintapäivä;Jonotunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;"
    "Kiireellisyys;Hoidon tarpeen arviointi;Jonoon asetettu;Varattu aika;Jonotuksen syy"
)


def visit(key: object = 1, **changes: str) -> str:
    """One line of a visit extract; every field has a plain default."""
    fields = {
        "key": str(key),
        "person": f"P{int(str(key)):07d}" if str(key).isdigit() else "P1",
        "born": "1956",
        "municipality": "272",
        "unit": "TK-KOK-01",
        "unit_name": "Kokkolan pääterveysasema",
        "service": "Avosairaanhoito",
        "profession": "Lääkäri",
        "mode": "R10",
        "urgency": "Kiireetön",
        "nature": "SH",
        "first": "K",
        "contacted": "3.3.2025",
        "assessed": "3.3.2025 9:12",
        "booked": "3.3.2025",
        "visit": "10.3.2025 13:30",
        "state": "Toteutunut",
    }
    return ";".join((fields | changes).values())


def queue_entry(key: object = 1, **changes: str) -> str:
    """One line of a queue extract; every field has a plain default."""
    fields = {
        "snapshot": "31.3.2025",
        "key": str(key),
        "person": "P0000001",
        "born": "1956",
        "municipality": "272",
        "unit": "TK-KOK-01",
        "unit_name": "Kokkolan pääterveysasema",
        "service": "Avosairaanhoito",
        "profession": "Lääkäri",
        "urgency": "Kiireetön",
        "assessed": "3.3.2025",
        "queued": "4.3.2025",
        "booked_for": "",
        "reason": "Resurssi",
    }
    return ";".join((fields | changes).values())


def visits(*lines: str) -> bytes:
    """A visit extract, Windows-1252 with CRLF."""
    return ("\r\n".join([VISIT_HEADER, *lines]) + "\r\n").encode("cp1252")


def queue(*lines: str) -> bytes:
    """A queue extract, Windows-1252 with CRLF."""
    return ("\r\n".join([QUEUE_HEADER, *lines]) + "\r\n").encode("cp1252")
