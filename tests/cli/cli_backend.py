"""Which of OpenSSL's ways to a token this system has.

Debian 12 has the engine and no provider; from OpenSSL 3.2 on it is the
provider that is installed and tested.
"""

import ssl

PRESENT = ["libp11"]
ABSENT = []
if ssl.OPENSSL_VERSION_INFO >= (3, 2):
    PRESENT.append("provider")
    ABSENT.append("engine")
else:
    PRESENT.append("engine")
    ABSENT.append("provider")
