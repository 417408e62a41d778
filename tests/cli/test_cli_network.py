"""The network: who is believed, who is reached, and where secrets go."""

import os

import pytest

from cli_cloud import JWT_LOGIN, PAT_LOGIN, SIGN_IN, Cloud
from cli_faults import CALLS, with_names
from cli_listen import held, listening
from cli_run import fails
from simulator import Simulator

BAD_SERVERS = {
    "self-signed": ["--self-signed"],
    "wrong-name": ["--cert", "wrong-name"],
    "expired": ["--cert", "expired"],
}


# TLS


@pytest.fixture(scope="module", params=BAD_SERVERS)
def bad_server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad") / "dir"
    with Simulator(folder, *BAD_SERVERS[request.param]) as sim:
        yield sim


@pytest.mark.parametrize(
    "words", ["login tcm --pat", "login tcm --jwt", "login tableau"]
)
def test_a_certificate_that_is_no_good_is_refused(signet, bad_server, words):
    signet.env.update(bad_server.env)
    result = signet(*words.split())
    fails(result, 6, bad_server.url, "certificate", "SIGNET_CA_FILE")
    # Its log cannot be had either: the control API has the same certificate.
    assert signet.kept() == []


@pytest.mark.parametrize("words", ["login tcm --pat", "login tableau"])
def test_without_our_ca_nothing_is_sent(cloud, signet, words):
    result = signet(*words.split(), env={"SIGNET_CA_FILE": None})
    fails(result, 6, "certificate", "SIGNET_CA_FILE")
    assert cloud.asked() == []


def test_a_ca_file_of_no_certificate(cloud, signet):
    path = signet.home / "ca.pem"
    path.write_text("hello")
    result = signet("login", "tcm", "--pat", env={"SIGNET_CA_FILE": str(path)})
    assert result.rc in (6, 8)
    fails(result, result.rc, "SIGNET_CA_FILE")
    assert cloud.asked() == []


@pytest.mark.parametrize("make", [None, os.mkdir, os.mkfifo])
@pytest.mark.parametrize("name", ["CA_FILE", "CLIENT_CERT", "CLIENT_KEY"])
def test_a_ca_file_that_is_none(cloud, signet, name, make):
    path = signet.home / "x.pem"
    if make is not None:
        make(path)
    env = {f"SIGNET_{name}": str(path)}
    result = signet("login", "tcm", "--pat", env=env)
    fails(result, 8, f"SIGNET_{name}", str(path))
    assert cloud.asked() == []


# Connections


@pytest.mark.parametrize("name", ["CLOUD_MANAGER_URL", "TABLEAU_CLOUD_POD_URL"])
def test_a_connection_that_is_refused(cloud, signet, name):
    words = "login tcm --pat" if "MANAGER" in name else "login tableau"
    with held() as port:
        url = f"https://localhost:{port}"
        fails(signet(*words.split(), env={name: url}), 6, url, "network")


def test_a_host_that_does_not_exist(cloud, signet):
    """A name that cannot be one (RFC 1035 §2.3.4): no server is asked for it."""
    url = f"https://{'x' * 64}.invalid"
    result = signet("login", "tcm", "--pat", env={"CLOUD_MANAGER_URL": url})
    fails(result, 6, url, "name")


def test_a_service_that_is_slow_is_given_up(cloud, signet):
    cloud.sim.faults({"match": {"path-prefix": "/api/v1/pat"}, "delay_s": 60})
    result = signet("login", "tcm", "--pat", "--timeout", "1s")
    fails(result, 6, "SIGNET_TIMEOUT")


@pytest.mark.parametrize("action", ["reset", "close"])
@pytest.mark.parametrize(
    "words, request_line",
    [("login tcm --pat", PAT_LOGIN), ("login tcm --jwt", JWT_LOGIN)],
)
def test_a_sign_in_whose_answer_is_lost_is_not_repeated(
    configured, signet, action, words, request_line
):
    prefix = request_line.split()[1]
    fault = {"match": {"path-prefix": prefix}, "action": action, "times": None}
    configured.sim.faults(fault)
    fails(signet(*words.split()), 6, prefix)
    assert configured.asked() == [request_line]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_get_is_repeated_when_the_service_is_busy(cloud, signet, status):
    match = {"method": "GET", "path-prefix": "/api/v1/tenants"}
    cloud.sim.faults({"match": match, "status": status})
    signet.ok("api", "tcm", "GET", cloud.sites_path, "--pat")
    assert cloud.asked().count(f"GET /api/v1{cloud.sites_path}") == 2


def test_a_post_is_not_repeated_when_the_service_is_busy(cloud, signet):
    fault = {"match": {"path-prefix": "/api/v1/pat"}, "status": 503}
    cloud.sim.faults({**fault, "times": None})
    fails(signet("login", "tcm", "--pat"), 5, "503", "try again later")
    assert cloud.asked() == [PAT_LOGIN]


# Redirects


SIGNIN_PATH = SIGN_IN.split()[1]


def redirect(cloud, path, url, status=301):
    cloud.sim.faults(
        {
            "match": {"method": "POST", "path-prefix": path},
            "action": f"redirect:{url}",
            "status": status,
            "times": None,
        }
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_pod_cannot_send_the_jwt_to_another_host(configured, signet, status):
    with listening() as (elsewhere, came):
        redirect(configured, SIGNIN_PATH, elsewhere + SIGNIN_PATH, status)
        result = signet("login", "tableau")
        assert came == []
    if status == 303:  # asks for a GET: the sign-in was no sign-in
        fails(result, 5, elsewhere, "not followed")
    else:
        fails(result, 7, "localhost", "nothing was sent there")
    assert configured.asked().count(SIGN_IN) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}",
        "http://localhost:{port}",
        "https://evil-localhost:{port}",
        "https://localhost:{port}@evil.example",
        "//evil.example",
    ],
)
def test_no_trick_in_a_location_leads_elsewhere(configured, signet, url):
    port = configured.sim.url.rpartition(":")[2]
    redirect(configured, SIGNIN_PATH, url.format(port=port) + SIGNIN_PATH)
    fails(signet("login", "tableau"), 7)
    assert configured.asked().count(SIGN_IN) == 1


def test_a_redirect_within_the_pod_is_followed_as_a_post(configured, signet):
    configured.sim.faults(
        {
            "match": {"method": "POST", "path-prefix": SIGNIN_PATH},
            "action": f"redirect:{configured.sim.url}{SIGNIN_PATH}",
        }
    )
    signet.ok("login", "tableau")
    assert configured.asked().count(SIGN_IN) == 2


def test_redirects_do_not_go_round_for_ever(configured, signet):
    redirect(configured, SIGNIN_PATH, configured.sim.url + SIGNIN_PATH)
    fails(signet("login", "tableau"), 5, "301")
    assert configured.asked().count(SIGN_IN) <= 10


@pytest.mark.parametrize(
    "words, path", [("login tcm --pat", "pat"), ("login tcm --jwt", "jwt")]
)
def test_cloud_manager_is_never_followed(configured, signet, words, path):
    with listening() as (elsewhere, came):
        redirect(configured, f"/api/v1/{path}/login", f"{elsewhere}/login")
        fails(signet(*words.split()), 5, elsewhere, "not followed")
        assert came == []


def test_a_call_is_not_followed_either(configured, signet):
    signet.ok("login", "tcm", "--pat")
    with listening() as (elsewhere, came):
        configured.sim.faults(
            {
                "match": {"method": "GET"},
                "action": f"redirect:{elsewhere}/x?token=1",
                "times": None,
            }
        )
        line = fails(
            signet("api", "tcm", "GET", configured.sites_path), 5, elsewhere
        )
        assert "token=1" not in line and came == []


@pytest.mark.parametrize("service", ["tcm", "tableau"])
def test_a_session_is_sent_to_its_own_service_only(configured, signet, service):
    with listening() as (elsewhere, came):
        result = signet("api", service, "GET", f"{elsewhere}/api/v1/x")
        fails(result, 7, elsewhere, "nowhere else")
        assert came == []
    url = configured.sim.url.replace("https", "http") + "/api/v1/x"
    fails(signet("api", service, "GET", url), 8, "https")


# Trouble that begins after a sign-in: a session is kept for the very place


@pytest.fixture
def moved(token, signet, pem, tmp_path):
    """Sessions at a place where another server, or none, is from now on."""
    with held() as port:
        with Simulator(tmp_path / "good", "--port", str(port)) as good:
            signet.env.update(good.env)
            signet.secrets.append(good.file("pat"))
            cloud = Cloud(good, signet, pem)
            made = cloud.configure()
            signet.ok("login", "tcm", "--pat")
            signet.ok("login", "tableau")
        yield cloud, made["configId"], str(port)


OTHERS = (
    "user list --pat",
    "user add --link-id a --link-role b --idp OpenID --pat",
    "oidc set --provider Google --pat",
    "uat revoke --jti x --pat",
    "uat rotate --wait 0",
    "exec --tableau -- true",
    "api tcm GET SITES --pat --output out",
    "api download - --output out",
)


def every_call(cloud, config_id):
    """Each kind of call; none of them may reach anybody, and it is known."""
    url = f"{cloud.sim.url}/download/1?signature=x"
    for line in (*(call.words for call in CALLS.values()), *OTHERS):
        words = with_names(line, cloud, config_id)
        at = len(line.partition(" -- ")[0].split())
        words[at:at] = ["--timeout", "30s"]
        result = cloud.signet(*words, stdin=url)
        for doubt in ("all the same", "not known"):
            assert doubt not in result.stderr
        yield words, result
        assert list(cloud.signet.cwd.iterdir()) == []


@pytest.mark.parametrize("kind", ["wrong-name", "expired"])
def test_no_session_is_sent_to_who_has_no_good_certificate(moved, tmp_path, kind):
    cloud, config_id, port = moved
    signet = cloud.signet
    with Simulator(tmp_path / "bad", "--port", port, "--cert", kind) as bad:
        signet.env["SIGNET_CA_FILE"] = bad.env["SIGNET_CA_FILE"]
        kept = signet.kept()
        for words, result in every_call(cloud, config_id):
            fails(result, 6, "certificate", "SIGNET_CA_FILE")
        assert signet.kept() == kept, words


def test_no_call_survives_a_refused_connection(moved):
    cloud, config_id, _ = moved
    kept = cloud.signet.kept()
    for words, result in every_call(cloud, config_id):
        fails(result, 6, cloud.sim.url, "network")
    assert cloud.signet.kept() == kept, words
