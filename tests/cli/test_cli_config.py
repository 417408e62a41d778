"""Settings: the article's .env, which place wins, what is a mistake."""

import pytest

from cli_cloud import ISSUER, PAT_LOGIN, TENANT
from cli_jose import TENANT_CLAIM, claims, header
from cli_listen import held
from cli_run import fails, settings, write

# The lines of the article, with blanks around '=', quotes and comments.
ARTICLE = """\
##################################
# Begin dotenv Settings
##################################
CLOUD_MANAGER_TENANT_ID = "{tenant}"
CLOUD_MANAGER_PAT_NAME = "{pat_name}"
CLOUD_MANAGER_PAT_SECRET = "{pat}"
CLOUD_MANAGER_PAT_LOGIN_URL = "{tcm}/api/v1/pat/login"
CLOUD_MANAGER_JWT_LOGIN_URL = "{tcm}/api/v1/jwt/login"
CLOUD_MANAGER_UAT_CONFIGS_URL = "{tcm}/api/v1/uat-configurations"
TABLEAU_CLOUD_POD_URL = "{pod}"
TABLEAU_CLOUD_SITE_ID = "{site}"
TABLEAU_CLOUD_SITE_LUID = "{luid}"
TABLEAU_CLOUD_USERNAME = "{user}"
"""
PLACEHOLDERS = [
    ("CLOUD_MANAGER_TENANT_ID", "YOUR-CLOUD-MANAGER-TENANT-ID", "jwt sign"),
    ("CLOUD_MANAGER_PAT_NAME", "CLOUD-MANAGER-PAT-NAME", "login tcm --pat"),
    ("CLOUD_MANAGER_PAT_SECRET", "CLOUD-MANAGER-PAT-SECRET", "login tcm --pat"),
    (
        "CLOUD_MANAGER_JWT_LOGIN_URL",
        "https://{YOUR-TENANT-URI}.cloudmanager.tableau.com/api/v1/jwt/login",
        "login tcm --jwt",
    ),
    (
        "CLOUD_MANAGER_UAT_CONFIGS_URL",
        "https://{YOUR-TENANT-URI}.cloudmanager.tableau.com"
        "/api/v1/uat-configurations",
        "uat list --pat",
    ),
    (
        "TABLEAU_CLOUD_POD_URL",
        "https://{YOUR-TABLEAU-CLOUD-POD-URL}",
        "login tableau",
    ),
    ("TABLEAU_CLOUD_SITE_ID", "YOUR-TABLEAU-SITE-ID", "login tableau"),
    ("TABLEAU_CLOUD_SITE_LUID", "YOUR-TABLEAU-SITE-LUID", "login tableau"),
    ("TABLEAU_CLOUD_USERNAME", "TABLEAU-CLOUD-USERNAME", "jwt sign"),
]


def issuer(signet, *words, **kwargs):
    return claims(signet.ok(*words, "jwt", "sign", **kwargs))["iss"]


@pytest.fixture
def no_issuer(signet):
    del signet.env["SIGNET_ISSUER"]
    return signet


# The article


def test_the_articles_env_works_unchanged(cloud, signet):
    values = {
        "tenant": cloud.tenant,
        "pat_name": "my pat",
        "pat": cloud.sim.file("pat"),
        "tcm": cloud.sim.url,
        "pod": cloud.sim.url,
        "site": cloud.site["contentUrl"],
        "luid": cloud.site["luid"],
        "user": cloud.admin,
    }
    signet.local_env(ARTICLE.format(**values))
    for name in list(signet.env):
        if name.startswith(("CLOUD_MANAGER", "TABLEAU_CLOUD")):
            del signet.env[name]
    signet.ok("login", "tcm", "--pat")
    signet.ok("uat", "create", "--name", "signet")
    signet.ok("login", "tcm", "--jwt")
    signet.ok("login", "tableau")
    (config,) = cloud.configs()
    assert set(config["resourceIds"]) == {cloud.tenant, cloud.site["luid"]}
    names = {kept["identity"]["user"] for kept in signet.kept()}
    assert names == {"my pat", cloud.admin}


def test_each_url_of_the_article_is_used_where_it_belongs(cloud, signet):
    """A URL of its own for one service leaves the others alone."""
    for name, path, words in (
        ("PAT_LOGIN", "pat/login", ["login", "tcm", "--pat"]),
        ("JWT_LOGIN", "jwt/login", ["login", "tcm", "--jwt"]),
        ("UAT_CONFIGS", "uat-configurations", ["uat", "list", "--pat"]),
    ):
        with held() as port:
            url = f"https://localhost:{port}/api/v1/{path}"
            env = {f"CLOUD_MANAGER_{name}_URL": url}
            fails(signet(*words, env=env), 6, url)
    assert cloud.asked() == [PAT_LOGIN]  # for the last one


@pytest.mark.parametrize("where", ["file", "environment"])
@pytest.mark.parametrize("name, value, words", PLACEHOLDERS)
def test_a_placeholder_is_named(cloud, signet, name, value, words, where):
    for other in ("CLOUD_MANAGER_PAT_SECRET_FILE", name):
        if name == "CLOUD_MANAGER_PAT_SECRET" or other == name:
            signet.env.pop(other, None)
    if where == "file":
        path = signet.local_env(settings({name: value}))
        told = [name, "placeholder", path.name]
        result = signet(*words.split())
    else:
        told = [name, "placeholder"]
        result = signet(*words.split(), env={name: value})
    fails(result, 8, *told)
    assert cloud.logins() == 0


def test_a_pat_may_look_like_anything_else(cloud, signet):
    env = {
        "CLOUD_MANAGER_PAT_SECRET_FILE": None,
        "CLOUD_MANAGER_PAT_SECRET": "AAAA{YOUR-}==:xyz",
    }
    fails(signet("login", "tcm", "--pat", env=env), 5, "401")
    assert cloud.reason() == "pat-unknown"


@pytest.mark.parametrize(
    "alias, name, claim, value",
    [
        ("UAT_TENANT_ID", "CLOUD_MANAGER_TENANT_ID", TENANT_CLAIM, TENANT),
        ("UAT_ISSUER", "SIGNET_ISSUER", "iss", ISSUER),
        ("UAT_USERNAME_CLAIM", "TABLEAU_CLOUD_USERNAME", "email", "eva@b.c"),
        ("UAT_USERNAME_CLAIM_NAME", "SIGNET_USERNAME_CLAIM", "upn", None),
    ],
)
@pytest.mark.parametrize("where", ["file", "environment"])
def test_an_alias_is_read_where_ours_is_unset(
    signet, alias, name, claim, value, where
):
    given = claim if value is None else value
    if where == "file":
        signet.local_env(settings({alias: given}))
        signed = signet.ok("jwt", "sign", env={name: None})
    else:
        signed = signet.ok("jwt", "sign", env={name: None, alias: given})
    found = claims(signed)
    assert claim in found and value in (None, found[claim])


def test_ours_comes_before_the_alias(signet):
    assert issuer(signet, env={"UAT_ISSUER": "https://alias"}) == ISSUER


def test_key_id_of_tableau_mcp_is_read(signet):
    signed = signet.ok("jwt", "sign", env={"UAT_KEY_ID": "uat-key-1"})
    assert header(signed)["kid"] == "uat-key-1"


# Which place wins


def test_each_place_comes_before_the_next(no_issuer):
    signet = no_issuer

    def place(name):
        return f'SIGNET_ISSUER="https://{name}"\n'

    xdg = signet.home / "xdg"
    write(signet.home / ".config/signet/config.env", place("home"))
    assert issuer(signet) == "https://home"
    signet.env["XDG_CONFIG_HOME"] = str(xdg)
    write(xdg / "signet/config.env", place("xdg"))
    assert issuer(signet) == "https://xdg"
    signet.local_env(place("local"))
    assert issuer(signet) == "https://local"
    named = signet.config(place("variable"), "variable.env")
    signet.env["SIGNET_CONFIG"] = str(named)
    assert issuer(signet) == "https://variable"
    option = ["--config", signet.config(place("option"), "option.env")]
    assert issuer(signet, *option) == "https://option"
    signet.env["SIGNET_ISSUER"] = "https://environment"
    assert issuer(signet, *option) == "https://environment"
    words = [*option, "jwt", "sign", "--issuer", "https://line"]
    assert claims(signet.ok(*words))["iss"] == "https://line"


def test_files_are_not_merged(no_issuer):
    signet = no_issuer
    write(
        signet.home / ".config/signet/config.env", 'SIGNET_ISSUER="https://h"\n'
    )
    signet.local_env("# nothing\n")
    fails(signet("jwt", "sign"), 8, "SIGNET_ISSUER")


def test_an_empty_variable_counts_as_unset(no_issuer):
    no_issuer.local_env('SIGNET_ISSUER="https://local"\n')
    env = {"SIGNET_ISSUER": ""}
    assert issuer(no_issuer, env=env) == "https://local"


@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_named_file_must_be_there(signet, way):
    path = str(signet.home / "absent.env")
    words = ["--config", path] if way == "option" else []
    env = {"SIGNET_CONFIG": path} if way == "variable" else {}
    fails(signet("jwt", "sign", *words, env=env), 8, path)


# What a line may be


@pytest.mark.parametrize(
    "line",
    [
        "SIGNET_ISSUER=https://x",
        "SIGNET_ISSUER = https://x",
        "  SIGNET_ISSUER\t=\t'https://x'  ",
        'export SIGNET_ISSUER="https://x"',
        'SIGNET_ISSUER="https://x" # why',
        "SIGNET_ISSUER=https://x # why",
        'SIGNET_ISSUER="https://x"\r',
        "SIGNET_ISSUER=https://y\nSIGNET_ISSUER=https://x",
        "\ufeffSIGNET_ISSUER=https://x",
        "\n\n#\nSIGNET_ISSUER=https://x",
    ],
)
def test_a_line_can_be_written_in_many_ways(no_issuer, line):
    no_issuer.local_env(line + "\n")
    assert issuer(no_issuer) == "https://x"


def test_the_last_line_needs_no_newline(no_issuer):
    no_issuer.local_env("SIGNET_ISSUER=https://x")
    assert issuer(no_issuer) == "https://x"


def test_a_hash_inside_a_value_is_part_of_it(no_issuer):
    no_issuer.local_env("SIGNET_ISSUER=https://x/#a\n")
    assert issuer(no_issuer) == "https://x/#a"
    no_issuer.local_env("SIGNET_ISSUER='https://x/'\nSIGNET_KID='a # b'\n")
    assert header(no_issuer.ok("jwt", "sign"))["kid"] == "a # b"


def test_nothing_is_expanded(no_issuer):
    no_issuer.local_env('SIGNET_ISSUER="https://$HOME/$(id)/`id`"\n')
    assert issuer(no_issuer) == "https://$HOME/$(id)/`id`"


@pytest.mark.parametrize(
    "line",
    [
        *("SIGNET_ISSUER", "=x", "SIGNET ISSUER=x"),
        *('SIGNET_ISSUER="x', '"A"=b', 'A="b"c'),
    ],
)
def test_a_malformed_line_is_told_by_its_number(signet, line):
    signet.local_env(f"# one\nA=b\n{line}\n")
    result = signet("jwt", "sign")
    fails(result, 8, ".env", "line ")
    if '"x' not in line:
        fails(result, 8, "line 3")


def test_a_malformed_line_is_not_repeated(signet):
    """It may be half of a secret."""
    signet.local_env("CLOUD_MANAGER_PAT_SECRET\nhunter2hunter2\n")
    assert "hunter2" not in fails(signet("jwt", "sign"), 8, "line 1")


def test_an_unknown_name_of_ours_is_refused(signet):
    signet.local_env("A=b\nSIGNET_ISUER=https://x\n")
    fails(signet("jwt", "sign"), 8, "SIGNET_ISUER", "line 2")


def test_unknown_names_of_others_are_left_alone(signet):
    signet.local_env("A=b\nDATABASE_URL=postgres://x\nnpm.config-x=1\n")
    signet.ok("jwt", "sign")


@pytest.mark.parametrize(
    "name, words",
    [
        ("CLOUD_MANAGER_URL", "login tcm --pat"),
        ("CLOUD_MANAGER_PAT_LOGIN_URL", "login tcm --pat"),
        ("CLOUD_MANAGER_JWT_LOGIN_URL", "login tcm --jwt"),
        ("CLOUD_MANAGER_UAT_CONFIGS_URL", "uat list --pat"),
        ("TABLEAU_CLOUD_POD_URL", "login tableau"),
    ],
)
@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:{port}/api/v1/x",
        "localhost:{port}",
        "ftp://localhost/",
        "https://user:pass@localhost:{port}/",
        "https://",
    ],
    ids=["http", "bare", "ftp", "userinfo", "no-host"],
)
def test_a_url_that_is_not_https_is_refused(cloud, signet, name, words, url):
    port = cloud.sim.url.rpartition(":")[2]
    env = {name: url.format(port=port)}
    fails(signet(*words.split(), env=env), 8, name, "https")
    assert cloud.asked() == []


@pytest.mark.parametrize("words", ["login tcm --pat", "login tcm --jwt"])
def test_a_tenant_that_is_no_uuid_is_refused(cloud, signet, words):
    env = {"CLOUD_MANAGER_TENANT_ID": "acme"}
    told = ["CLOUD_MANAGER_TENANT_ID", "acme", "UUID"]
    fails(signet(*words.split(), env=env), 8, *told)
    assert cloud.asked() == []


@pytest.mark.parametrize("text", ["0", "0s", "-5s", "soon", "99999999999h"])
def test_a_timeout_that_is_none_is_refused(cloud, signet, text):
    result = signet("login", "tcm", "--pat", "--timeout", text)
    fails(result, 2, "timeout")


@pytest.mark.parametrize("backend", ["nosuch", "NATIVE", "libp11 engine"])
def test_a_backend_that_does_not_exist_is_told(signet, backend):
    result = signet("jwt", "sign", env={"SIGNET_BACKEND": backend})
    fails(result, 8, "SIGNET_BACKEND", backend, "native")
