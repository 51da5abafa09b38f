"""French departments and Spanish provinces, which the postal codes of their towns begin with."""

from collections.abc import Sequence

_FRENCH = """06 Alpes-Maritimes;13 Bouches-du-Rhône;14 Calvados;17 Charente-Maritime;20 Corse-du-Sud;21 Côte-d'Or;
25 Doubs;29 Finistère;30 Gard;31 Haute-Garonne;33 Gironde;34 Hérault;35 Ille-et-Vilaine;37 Indre-et-Loire;38 Isère;
42 Loire;
44 Loire-Atlantique;45 Loiret;49 Maine-et-Loire;51 Marne;54 Meurthe-et-Moselle;57 Moselle;59 Nord;63 Puy-de-Dôme;
66 Pyrénées-Orientales;67 Bas-Rhin;68 Haut-Rhin;69 Rhône;72 Sarthe;74 Haute-Savoie;75 Paris;76 Seine-Maritime;
78 Yvelines;80 Somme;83 Var;84 Vaucluse;86 Vienne;87 Haute-Vienne;92 Hauts-de-Seine;93 Seine-Saint-Denis"""
_SPANISH = """01 Álava;02 Albacete;03 Alicante;04 Almería;06 Badajoz;07 Illes Balears;08 Barcelona;09 Burgos;10 Cáceres;
11 Cádiz;12 Castellón;14 Córdoba;15 A Coruña;17 Girona;18 Granada;20 Gipuzkoa;21 Huelva;22 Huesca;23 Jaén;24 León;
25 Lleida;26 La Rioja;28 Madrid;29 Málaga;30 Murcia;31 Navarra;33 Asturias;35 Las Palmas;36 Pontevedra;37 Salamanca;
38 Santa Cruz de Tenerife;39 Cantabria;41 Sevilla;43 Tarragona;45 Toledo;46 Valencia;47 Valladolid;48 Bizkaia;
50 Zaragoza"""
_LENGTH = 2


def _read(text: str) -> dict[str, str]:
    return {entry.strip()[:_LENGTH]: entry.strip()[_LENGTH + 1 :] for entry in text.replace("\n", "").split(";")}


_NAMES = {"FR": _read(_FRENCH), "ES": _read(_SPANISH)}


def provinces(countries: Sequence[str], postal: Sequence[str], regions: Sequence[str]) -> list[str]:
    """The province of each place by its country's code and its postal code; its region where no province is known."""
    return [
        _NAMES.get(country, {}).get(code[:_LENGTH], region)
        for country, code, region in zip(countries, postal, regions, strict=True)
    ]
