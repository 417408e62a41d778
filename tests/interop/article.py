"""Every step of the article on Unified Access Tokens, as it goes about them.

The functions have the article's names and send its requests, with its
libraries and from its .env and public_key.pem in the working folder. One thing
is not its own: get_jwt() has signet sign, where the article reads a private
key. Prints what each step brought as one JSON object; never a token.
"""

import json
import os
import subprocess
import sys

import requests
import tableauserverclient as TSC
from dotenv import load_dotenv

load_dotenv()

NAME = "Your-UAT-Config-Name"
JSON_TYPE = {"Content-Type": "application/json"}


def get_jwt():
    signet = [os.environ["SIGNET_BIN"], "jwt", "sign"]
    done = subprocess.run(signet, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def sign_in_to_cloud_manager_rest_api_pat():
    url = os.getenv("CLOUD_MANAGER_PAT_LOGIN_URL")
    body = {"token": os.getenv("CLOUD_MANAGER_PAT_SECRET")}
    return requests.post(url, json=body).json()


def config_body(**key):
    return {
        "name": NAME,
        "issuer": os.environ["SIGNET_ISSUER"],
        **key,
        "usernameClaim": "email",
        "resourceIds": [
            os.getenv("CLOUD_MANAGER_TENANT_ID"),
            os.getenv("TABLEAU_CLOUD_SITE_LUID"),
        ],
        "scopes": os.environ["SIGNET_SCOPES"].split(),
        "enabled": True,
    }


def headers(session_token):
    return {"x-tableau-session-token": session_token, **JSON_TYPE}


def create_cloud_manager_uat_config(session_token):
    url = os.getenv("CLOUD_MANAGER_UAT_CONFIGS_URL")
    with open("public_key.pem", "r") as key_file:
        body = config_body(publicKey=key_file.read())
    return requests.post(url, json=body, headers=headers(session_token)).json()


def create_cloud_manager_uat_config_jwks(token):
    url = os.getenv("CLOUD_MANAGER_UAT_CONFIGS_URL")
    body = config_body(jwksUri=os.environ["JWKS_URI"])
    return requests.post(url, json=body, headers=headers(token)).json()


def on_uat_config(method, session_token, config_id="", body=None):
    """The article's table: list, retrieve, delete, update."""
    url = os.getenv("CLOUD_MANAGER_UAT_CONFIGS_URL")
    if config_id:
        url += "/" + config_id
    return requests.request(
        method, url, json=body, headers=headers(session_token)
    )


def sign_in_to_cloud_manager_rest_api_jwt():
    url = os.getenv("CLOUD_MANAGER_JWT_LOGIN_URL")
    return requests.post(url, json={"token": get_jwt()}).json()


def login_to_tableau_cloud_with_uat():
    url = f"{os.getenv('TABLEAU_CLOUD_POD_URL')}/api/3.27/auth/signin"
    body = {
        "credentials": {
            "jwt": get_jwt(),
            "isUat": True,
            "site": {"contentUrl": os.getenv("TABLEAU_CLOUD_SITE_ID")},
        }
    }
    accept = {**JSON_TYPE, "Accept": "application/json"}
    return requests.post(url, json=body, headers=accept).json()


def tableau_server_client_sign_in_with_uat():
    tableau_auth = TSC.JWTAuth(
        get_jwt(), site_id=os.getenv("TABLEAU_CLOUD_SITE_ID"), isUat=True
    )
    server = TSC.Server(
        os.getenv("TABLEAU_CLOUD_POD_URL"), use_server_version=True
    )
    with server.auth.sign_in(tableau_auth):
        workbooks, _ = server.workbooks.get()
        projects, _ = server.projects.get()
        signed_in = bool(server.auth_token)
    return {
        "signedIn": signed_in,
        "signedOut": not server.is_signed_in(),
        "version": server.version,
        "workbooks": [workbook.name for workbook in workbooks],
        "projects": [project.name for project in projects],
    }


def use_the_session(session_token):
    url = "{}/api/v1/tenants/{}/sites".format(
        os.environ["CLOUD_MANAGER_URL"], os.getenv("CLOUD_MANAGER_TENANT_ID")
    )
    return requests.get(url, headers=headers(session_token)).status_code


def use_the_token(token, site):
    url = f"{os.getenv('TABLEAU_CLOUD_POD_URL')}/api/3.27/sites/{site}/workbooks"
    return requests.get(url, headers={"x-tableau-auth": token}).status_code


def main(variant):
    told = {}
    session_token = sign_in_to_cloud_manager_rest_api_pat()["sessionToken"]
    create = {
        "key": create_cloud_manager_uat_config,
        "jwks": create_cloud_manager_uat_config_jwks,
    }[variant]
    config = create(session_token)
    told["created"] = config
    config_id = config["configId"]
    told["listed"] = on_uat_config("GET", session_token).json()
    told["got"] = on_uat_config("GET", session_token, config_id).json()

    session = sign_in_to_cloud_manager_rest_api_jwt()
    told["tenant"] = session["tenantId"]
    told["sites"] = use_the_session(session["sessionToken"])
    credentials = login_to_tableau_cloud_with_uat()["credentials"]
    told["site"] = credentials["site"]
    told["work"] = use_the_token(
        credentials["token"], credentials["site"]["id"]
    )
    told["tsc"] = tableau_server_client_sign_in_with_uat()

    key = (
        {"publicKey": config["publicKeyActive"]}
        if variant == "key"
        else {"jwksUri": config["jwksUri"]}
    )
    body = {**config_body(**key), "enabled": False}
    told["updated"] = on_uat_config(
        "PUT", session_token, config_id, body
    ).status_code
    told["refused"] = "sessionToken" not in (
        sign_in_to_cloud_manager_rest_api_jwt()
    )
    told["deleted"] = on_uat_config(
        "DELETE", session_token, config_id
    ).status_code
    told["left"] = on_uat_config("GET", session_token).json()
    print(json.dumps(told))


main(sys.argv[1])
