"""The words of column and table names, in several languages and abbreviated, as plain English words.

Each line maps one or more canonical words to the spellings that mean them. Spellings are in lower case without
accents (ä, ö and ü as ae, oe and ue, and as a, o and u). Words that stand for themselves need no line unless a name
may be cut at them: `shipdate` is cut into ship and date because both are known.
"""

_LINES = """
name: name nm nom nombre nome naam names
first name: firstname fname givenname forename vorname prenom voornaam prenome primeironome christianname firstnm
last name: lastname lname surname familyname nachname familienname apellido apellidos sobrenome achternaam cognome
    lastnm apelido primerapellido segundoapellido nomdenaissance
full name: fullname nomcomplet nombrecompleto nomecompleto
middle name: middlename mname secondname zweitname tussenvoegsel segundonombre
given: given
family: family famille familia familie
middle: middle segundo
maiden: maiden birthname geburtsname meisjesnaam
initial: initial initials mi
complete: complete completo completa komplett compleet
display: display anzeige
nick: nick nickname spitzname surnom apodo alias bijnaam apelidos
user: user usr usuario usuarios usuaria utilisateur utilisateurs benutzer gebruiker gebruikers utilizador users
user name: username usrname login loginname benutzername gebruikersnaam nomutilisateur uname screenname userid
    nombreusuario nomeusuario pseudo handle identifiant
email: email mail emails courriel correo emailadresse eml
electronic: electronico electronique electronica
phone: phone tel telephone telefon telefono telefone telefoon telefonnummer telefoonnummer tlf tlfn fon ph phones
    telephonenumber phonenumber rufnummer phoneno telno
mobile: mobile cell cellphone handy mobil mobiel movil celular portable gsm handynummer mobilfunk mobilephone
    mobileno telemovel
fax: fax telefax
contact: contact contacts kontakt contacto contato contactpersoon ansprechpartner
prefix: prefix
honorific: salutation honorific anrede civilite tratamiento tratamento aanhef courtesy saludo
suffix: suffix
gender: gender sex geschlecht sexe sexo genero geslacht sesso
birth: birth born naissance nacimiento nascimento geboorte geburts geburt nac nasc
birth date: dob birthdate birthday geburtsdatum geburtstag geboortedatum bday datenaissance fechanacimiento bdate
    datanascimento birthdt
age: age alter edad idade leeftijd ages
death: death died deceased tod deces muerte overlijden sterbe
nationality: nationality nationalitaet nationalite nacionalidad nacionalidade nationaliteit staatsangehoerigkeit
    citizenship
marital: marital familienstand civilstatus
occupation: occupation profession beruf metier profesion ocupacion profissao beroep job jobs
job title: jobtitle position2 stelle poste puesto cargo functie funktion fonction berufsbezeichnung designation
    jobname
department: department departments dept depto abteilung abteilungen departement departamento afdeling afdelingen
    dept2 departements departamentos
employee: employee employees emp staff mitarbeiter employe employes empleado empleados funcionario funcionarios
    medewerker medewerkers werknemer personal personnel angestellte collaborateur
manager: manager boss supervisor
salary: salary wage wages gehalt lohn salaire salario salaris pay compensation sueldo
password: password passwd pwd pass passwort kennwort motdepasse contrasena senha wachtwoord passcode pw clave
hash: hash digest hashed md5 sha sha1 sha256 sha512 checksum crc crc32 etag pruefsumme fingerprint signature
digest: digest
encrypted: encrypted crypted
street: street strasse str streetname rue calle rua straat straatnaam strassenname via streetaddress logradouro
house: house haus huis
house number: houseno housenumber hausnummer hausnr huisnummer streetnumber streetno numerocasa buildingnumber
address: address addr adr adresse adressen direccion endereco adres indirizzo addresses direcciones enderecos
    adressen2
line: line ln ligne linea linha zeile regel
apartment: apartment apt suite flat wohnung appartement appartment
city: city town stadt ort ville ciudad cidade stad plaats woonplaats municipality locality comune localidad
    localidade poblacion municipio wohnort gemeinde commune cities villes ciudades cidades staedte
region: region state province prov provincia bundesland provincie estado county territory comarca regiao regione
    kanton departement2 staat provinz landkreis oblast prefecture states provinces regions
district: district barrio bairro bezirk wijk arrondissement quartier neighborhood neighbourhood
postal code: zip zipcode postcode postalcode plz postleitzahl cp codigopostal cep codepostal postkode
postal: postal post postale
country: country countries land laender pays pais paises landen nation ctry cntry cntr paese
continent: continent
capital: capital hauptstadt
latitude: latitude lat breitengrad latitud
longitude: longitude lng lon long laengengrad longitud
location: location loc geolocation geo coordinates coords standort ubicacion localizacao locatie position3
time zone: timezone tz zeitzone tijdzone fusohorario zonahoraria
language: language languages lang sprache sprachen langue langues idioma idiomas taal talen lingua lng2
locale: locale culture
company: company companies firma firmen firm unternehmen societe societes empresa empresas bedrijf bedrijven
    organization organisation organizations organisations org corporation employer entreprise entreprises business
    businesses compania arbeitgeber vendor vendors supplier suppliers lieferant lieferanten fournisseur fournisseurs
    proveedor proveedores fornecedor fornecedores leverancier leveranciers merchant merchants agency agencies
    bedrijfs manufacturer manufacturers hersteller fabricante fabricant fabrikant publisher publishers verlag
    uitgever editorial insurer sponsor distributor retailer partner airline airlines studio
brand: brand brands marke marca marque merk
industry: industry branche sector
slogan: slogan tagline motto catchphrase
customer: customer customers cust client clients kunde kunden cliente clientes klant klanten buyer buyers guest
    guests
person: person persons people personen personne personnes persona personas pessoa pessoas persoon individual member
    members mitglied mitglieder patient patients patienten student students schueler estudiante estudiantes teacher
    teachers lehrer author authors autor autoren auteur actor actors player players driver drivers passenger
    passengers owner owners contact2 lead leads candidate candidates applicant applicants subscriber subscribers
    doctor doctors physician nurse instructor instructors professor tenant tenants attendee attendees donor donors
    voter musician librarian speaker speakers participant participants resident residents citizen reviewer artist2
    pilot technician salesperson seller sender recipient receiver holder cardholder assignee creator actor2 guardian
    parent mother father spouse coach referee winner director directors crew trainer volunteer borrower beneficiary
    witness mieter besitzer empfaenger absender composer byline inhaber kontoinhaber titulaire titular
    rekeninghouder lid leden rider sitter waiter respondent investigator mechanic chef tutor
    mentor
profile: profile profiles profil perfil
price: price prices preis prix precio preco prijs prezzo msrp listprice unitprice einzelpreis
cost: cost costs kosten cout coste custo costo spend spent expense expenses frais ausgaben
amount: amount amt betrag montant importe valor bedrag quantia monto sum summe
total: total totals gesamt totaal tot grand gesamtbetrag totale
subtotal: subtotal zwischensumme soustotal
tax: tax vat mwst tva iva btw steuer impuesto imposto taxes ust gst
discount: discount disc rabatt remise descuento desconto korting rebate
percent: percent pct percentage prozent perc pourcentage porcentaje porcentagem percentual procent
rate: rate satz taux tasa taxa tarief tarif rates
fee: fee fees gebuehr charge charges surcharge tip tips gratuity toll fine deposit premium beitrag copay deductible
    contributie cuota mensualidade cpc cpm
balance: balance bal saldo solde outstanding
revenue: revenue turnover umsatz income earnings profit ingresos receita omzet chiffre einkommen sales mrr arr ltv
budget: budget presupuesto orcamento
credit: credit kredit credito
debit: debit soll
limit: limit limite
currency: currency ccy curr waehrung devise moneda moeda valuta munt currencies devisen
exchange: exchange wechselkurs fx
payment: payment payments zahlung paiement pago pagamento betaling pmt
method: method mode methode metodo
quantity: quantity qty quantite cantidad quantidade menge hoeveelheid aantal anzahl qte qtd quant
stock: stock inventory bestand lagerbestand existencias estoque voorraad inventaire onhand lager mindestbestand
count: count cnt num nb nbr2 counter anz zaehler
number: number no nbr nr num2 nummer numero numeros nummern nro number2
code: code cd codes codigo kode kennung kuerzel ref reference referenz
sku: sku artikelnummer artikelnr articlenumber itemnumber productcode itemcode partnumber artikelcode
barcode: barcode ean ean13 gtin strichcode codebarre codigobarras codigodebarras
product: product products prod produkt produkte produit produits producto productos produto produtos product2
    artikel item items article2 articulo articulos artigo goods merchandise waren producten artikelen
category: category categories cat kategorie kategorien categorie categoria categorias rubrik
description: description desc descr beschreibung descripcion descricao omschrijving descrizione details beschrijving
    dsc descriptif
label: label labels bezeichnung libelle etiquette
comment: comment comments kommentar commentaire comentario commentaar remark remarks feedback comentarios
note: note notes bemerkung bemerkungen anmerkung remarque nota notas opmerking opmerkingen observacao observacoes
    observacion observaciones notiz memo annotation remarques notitie
title: title titel titre titulo titles titolo
subject: subject betreff asunto assunto onderwerp objet
body: body text textbody texte texto tekst inhalt contenu contenido conteudo inhoud content contents corps
message: message msg nachricht mensaje mensagem bericht messages nachrichten berichten
summary: summary abstract excerpt teaser zusammenfassung resume resumen resumo samenvatting synopsis blurb intro
    lead2
review: review reviews bewertung avis resena avaliacao beoordeling testimonial
status: status statut stato situacao zustand situation etat2 stat sttus stts
state2: state2
type: type types typ tipo art soort kind typus
active: active aktiv actif activo ativo actief attivo
size: size groesse taille talla tamano tamanho grootte maat
color: color colour farbe couleur cor kleur colore couleurs colors
weight: weight gewicht poids peso wt wgt
height: height hoehe hauteur altura hoogte
width: width breite largeur ancho largura breedte
length: length laenge longueur longitud2 comprimento lengte len
depth: depth tiefe profondeur profundidad diepte
material: material materiaux
unit: unit uom einheit unite unidad unidade eenheid units masseinheit mengeneinheit
date: date datum fecha data2 dt dat dates day2 datetime
time: time zeit heure hora tijd tm uhrzeit
timestamp: timestamp ts tstamp zeitstempel
created: created create creation crt erstellt angelegt cree creado criado aangemaakt creacion criacao erstellungs
    inserted added registered registration registriert registro signup joined joining inscription cadastro ins alta
    anmelde cadastrado
updated: updated update modified changed upd mod geaendert aktualisiert modifie modificado actualizado atualizado
    gewijzigd bijgewerkt actualizacion modificacion modification aenderungs lastmodified edited revised atualizacao
    modificacao
deleted: deleted delete del geloescht supprime eliminado borrado deletado excluido verwijderd removed
start: start begin beginning debut inicio anfang begins started starts starting commence anfangs beginn
end: end ende fin fim einde finish ended ends finished finishing until stop stopped
due: due faellig faelligkeits echeance vencimiento vencimento vervaldatum fallig deadline verval zahlungsziel
expires: expires expire expiry expiration exp expired ablauf expiracion expiracao gueltigbis validade caducidad
valid: valid gueltig valide valido geldig effective eff
order: order orders ord bestellung bestellungen commande commandes pedido pedidos bestelling bestellingen bestell
    bestel auftrag auftraege ordine po
invoice: invoice invoices inv rechnung rechnungen facture factures factura facturas fatura faturas factuur facturen
    bill bills rechnungs factuur2 billing facturation facturacion faturamento facturering
delivery: delivery liefer lieferung livraison entrega levering lever delivered deliver
shipping: shipping ship shipped shipment shipments versand expedition envio verzend versandt dispatched dispatch
arrival: arrival arrive arrived ankunft arrivee llegada chegada aankomst arr
departure: departure depart departed abfahrt abflug depart2 salida partida vertrek dep
hire: hire hired embauche eintritts einstellungs contratacion admissao indienst hiring contratado
termination: termination terminated austritts leaving baja kuendigung ontslag
tracking: tracking sendungsnummer suivi rastreio seguimiento
url: url uri link href website webseite homepage site web links weblink websites sitioweb permalink
image: image img photo picture pic avatar foto bild logo thumbnail thumb banner cover poster imagen imagem
    afbeelding icon2 images photos pictures screenshot gravatar
file: file files datei dateien fichier fichiers archivo arquivo bestand2 document documents dokument dokumente
    attachment attachments anhang upload uploads asset assets media blob
file name: filename dateiname fname2 nomfichier bestandsnaam originalname
path: path pfad chemin ruta caminho pad filepath folder directory
extension: extension ext
mime: mime mimetype contenttype
ip: ip ipaddress ipaddr ipv4 remoteaddr ipv6
mac: mac macaddress
host: host hostname server servers fqdn
port: port
domain: domain domaine dominio domein
agent: agent
token: token tokens secret apikey accesskey nonce
key: key schluessel cle chave sleutel
session: session sessions sitzung
version: version versions ver
slug: slug permalink2
tag: tag tags keyword keywords schlagwort stichwort etiqueta etiquetas mots motscles palabrasclave palavraschave
    schlagworte trefwoorden
rating: rating ratings grade2 puntuacion nota2 bewertung2 sterne
score: score scores points punkte puntos pontos punten
level: level niveau stufe nivel lvl
rank: rank rang ranking
priority: priority prio prioritaet priorite prioridad prioridade prioriteit severity
year: year jahr annee ano jaar yr anio
month: month monat mois mes maand
week: week woche semaine semana
day: day days tag2 jour dia dag tage jours dias dagen
hour: hour hours stunden
minute: minute minutes mins min2
second: second seconds secs sec
duration: duration dauer duree duracion duracao duur runtime elapsed laufzeit
bank: bank banque banco
iban: iban
bic: bic swift
account: account accounts acct konto konten compte cuenta conta rekening acc
card: card cards karte carte tarjeta cartao kaart
routing: routing aba sortcode blz bankleitzahl
tax number: taxid taxnumber taxno steuernummer ustid ustidnr vatid vatnumber vatno nif cif cnpj btwnummer siret
    siren umsatzsteuerid ein tin
social: ssn socialsecurity sozialversicherungsnummer bsn cpf nss socialsecuritynumber dni nie rg nationalid
    nationalidnumber idnumber personalausweis
passport: passport reisepass passeport pasaporte passaporte paspoort
license: license licence lizenz licencia licenca licentie
plate: plate kennzeichen matricula placa kenteken licenseplate
vin: vin chassis fahrgestellnummer
isbn: isbn isbn13 isbn10
upc: upc
genre: genre genres
film: film films movie movies pelicula filme
book: book books buch buecher livre livres libro libros livro livros boek boeken
position: position pos rank2 sortorder ordinal seq sequence sort idx index orden reihenfolge ordre ordem volgorde
flag: flag flg kennz indicator
customer number: kundennummer kundennr customernumber klantnummer
personnel number: personalnummer employeenumber employeeno personeelsnummer matricule legajo
paid: paid bezahlt betaald paye pagado beglichen voldaan
delivered: geliefert entregado entregue geleverd zugestellt
cancelled: cancelled canceled storniert annule cancelado cancelada geannuleerd annulliert cancelling cancellation
published: published veroeffentlicht publie publicado gepubliceerd publication publicacion publicacao
    veroeffentlichung
last: last derniere dernier ultimo ultima letzte letzter letztes laatste laatst lst
by: by von por
view: view vue vues visitas vistas visualizacoes weergaven
payment method: formapago formadepago formapagamento zahlungsart betaalwijze modepaiement modedepaiement
marital status: estadocivil etatcivil situationfamiliale
address 2: complemento complement toevoeging huisnummertoevoeging adresszusatz adresszusatz2 zusatz
region code: uf stateabbr statecode provincecode
company name: razaosocial raisonsociale nomefantasia nombrecomercial firmenname companyname
shipping cost: frete portokosten versandkosten verzendkosten fraisdeport fraisport gastosenvio gastosdeenvio
sale: sale venta venda verkauf verkoop vente
purchase: purchase compra einkauf inkoop achat
minimum: minimum minimo minima mindest minimale
maximum: maximum maximo maxima maximal
experience: experience xp erfahrung experiencia ervaring
member: member
refund: refund refunded remboursement reembolso erstattung
guid: guid uuid uid
login at::::
child: child children kinder enfants ninos criancas kids
adult: adult adults erwachsene adultes adultos volwassenen
night: night nights naechte nuits noches noites nachten
"""

_ACCENTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o"}

ALIASES: dict[str, tuple[str, ...]] = {}


def _read() -> None:
    target: tuple[str, ...] = ()
    for line in _LINES.strip().splitlines():
        head, colon, rest = line.partition(":")
        if colon:
            target = tuple(head.split())
        else:
            rest = line
        for spelling in rest.split():
            ALIASES.setdefault(spelling, target)


_read()

# Words that stand for themselves and may be parts of a name written as one.
KNOWN = frozenset(
    """extended list unit net gross sales retail rental home work business office billing shipping last first next
    total line item ship bill commit receipt supply part account clerk phone market segment comment discount tax
    flag return status priority mode available size brand type container nation region retailer manager contact
    access refresh reset api auth secret public private group team class course event project task job role store
    branch station route trip stop hotel room floor table seat ticket flight gate airport airline city town
    gesamt einzel netto brutto kauf verkauf steuer telefon post haus bank konto kunden rechnung liefer bestell
    artikel lager buchungs start end anfangs geburts eintritts austritts kredit karten
    max min avg sum national login organization node vacation hours sick leave safety level reorder point standard
    cost make list sell product line days manufacture purchase approval carrier web service revision change average
    scrapped minimum maximum online offline preferred current firmware hardware software framework network warehouse
    household spatial metric value sensor signal strength response request session status kontakt haupt neben mobil
    privat geschaeft liefer verkauf einkauf verkoop inkoop bestel factuur lever klant artikel totaal zahlungs
    mitglieds auftrags rechnungs eingangs ausgangs buchungs versand steuer bestands waren lager kunden""".split()
) | frozenset(ALIASES)
