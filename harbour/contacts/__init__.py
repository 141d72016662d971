"""Emergency numbers, crisis lines and drug helplines by country. Pure: reads content/countries/.

The one place for contacts: every sentence that names a number gets it from here.
"""

from harbour.contacts.countries import NOT_SAID, UNKNOWN, Contact, Country, load_countries

__all__ = ["NOT_SAID", "UNKNOWN", "Contact", "Country", "load_countries"]
