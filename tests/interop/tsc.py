"""tableauserverclient: sign in with a JWT of signet, list, sign out."""

import json
import os
import subprocess

import tableauserverclient as TSC
from dotenv import load_dotenv

load_dotenv()
signet = [os.environ["SIGNET_BIN"], "jwt", "sign"]
done = subprocess.run(signet, stdout=subprocess.PIPE, text=True, check=True)
auth = TSC.JWTAuth(
    done.stdout.strip(),
    isUat=True,
    site_id=os.environ["TABLEAU_CLOUD_SITE_ID"],
)
server = TSC.Server(os.environ["TABLEAU_CLOUD_POD_URL"])
server.version = "3.27"
with server.auth.sign_in(auth):
    told = {
        "site": server.site_id,
        "user": server.user_id,
        "workbooks": [item.name for item in TSC.Pager(server.workbooks)],
        "projects": [item.name for item in TSC.Pager(server.projects)],
    }
told["afterwards"] = server.is_signed_in()
print(json.dumps(told))
