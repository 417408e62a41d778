"""SIGNET_CLIENT_KEY in a token, and servers that demand its certificate."""

import subprocess
from pathlib import Path

import pytest

from cli_backend import PRESENT
from cli_cloud import Cloud
from cli_run import BINARY, fails, succeeds
from cli_token import LABEL, need
from simulator import Simulator

# signet's own key may do RS256 and no RSA-PSS; the other may do all.
KEYS = {"uat": ["1.2"], "any": ["1.2", "1.3"]}
OTHER = "signet-other"


def run(token, *command, **env):
    place = {"PATH": "/usr/bin:/bin", "HOME": str(token.folder)}
    done = subprocess.run(
        list(map(str, command)),
        env={**place, **token.env, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout


def make_any(token, label):
    """A key without CKA_ALLOWED_MECHANISMS, which signet would not make."""
    run(
        token,
        *(need("pkcs11-tool"), "--module", token.module, "--login"),
        *("--token-label", label, "--pin", "env:PIN", "--keypairgen"),
        *("--key-type", "rsa:2048", "--label", "any", "--id", "a0"),
        *("--sensitive", "--usage-sign"),
        PIN=token.pin,
    )


@pytest.fixture(scope="module")
def two_tokens(token, tmp_path_factory):
    both = token.copy(tmp_path_factory.mktemp("client") / "softhsm")
    both.add_token(OTHER)
    make_any(both, LABEL)
    make_any(both, OTHER)
    return both


@pytest.fixture(scope="module")
def servers(two_tokens, tmp_path_factory):
    """A simulator for each key of a client and version of TLS; on demand."""
    running = {}

    def start(label, key, version):
        if (label, key, version) in running:
            return running[label, key, version]
        folder = tmp_path_factory.mktemp("demanding")
        pem = folder / "key.pem"
        uri = f"pkcs11:token={label};object={key}"
        pem.write_bytes(
            run(two_tokens, BINARY, "key", "export", "--key", uri)
        )
        sim = Simulator(
            folder / "dir", "--clients", str(pem), "--tls", version
        )
        running[label, key, version] = sim
        return sim

    yield start
    for sim in running.values():
        sim.close()


@pytest.fixture
def demanding(servers, two_tokens, signet, pem):
    """The cloud behind a server that demands the certificate of a key."""

    def start(key="any", version="1.3", label=LABEL):
        sim = servers(label, key, version)
        sim.reset()
        signet.env.update(two_tokens.env)
        signet.env.update(sim.env)
        signet.env["SIGNET_CLIENT_KEY"] = f"pkcs11:token={label};object={key}"
        if key == "any":
            signet.env["SIGNET_ALLOW"] = "sign-only modifiable"
        signet.env["SIGNET_CLIENT_CERT"] = str(
            sim.directory / "client-cert.pem"
        )
        signet.secrets.append(sim.file("pat"))
        cloud = Cloud(sim, signet, pem)
        cloud.configure()
        return cloud

    return start


@pytest.mark.parametrize("backend", ["native", *PRESENT])
@pytest.mark.parametrize(
    "key, version", [(k, v) for k, versions in KEYS.items() for v in versions]
)
def test_the_token_signs_in_tls(demanding, signet, backend, key, version):
    cloud = demanding(key, version)
    succeeds(signet("login", "tcm", "--jwt", env={"SIGNET_BACKEND": backend}))
    assert cloud.logins() == 1


def test_a_key_that_breaks_the_policy_is_not_shown(demanding, signet):
    cloud = demanding()
    result = signet("login", "tcm", "--pat", env={"SIGNET_ALLOW": "modifiable"})
    fails(result, 7, "SIGNET_CLIENT_KEY", "--allow sign-only")
    assert cloud.asked() == []


def test_one_login_serves_jwt_and_tls(demanding, signet):
    demanding()
    trace = signet.home / "trace"
    succeeds(signet("login", "tcm", "--jwt", "--trace", str(trace)))
    assert trace.read_text().count("C_Login(") == 1


def test_exec_signs_out_with_the_token_s_key(demanding, signet):
    """The command inherits nothing of the module all the same."""
    cloud = demanding()
    words = ["exec", "--tcm", "--jwt", "--quiet", "--"]
    result = signet(*words, "sh", "-c", "ls /proc/self/fd; exit 6")
    # The last is ls's own, of the folder that it lists.
    assert (result.rc, result.stdout, result.stderr) == (6, "0\n1\n2\n3\n", "")
    assert cloud.asked()[-1] == "DELETE /api/v2/sessions"


def test_a_download_shows_no_certificate(demanding, signet):
    """So a server that demands one turns it away."""
    cloud = demanding()
    url = f"{cloud.sim.url}/download/x?signature=y"
    fails(signet("api", "download", "-", stdin=url), 6, cloud.sim.url)
    assert cloud.asked() == []


def test_a_key_without_pss_says_why_tls_1_3_fails(demanding, signet):
    cloud = demanding("uat", "1.3")
    result = signet("login", "tcm", "--pat")
    fails(result, 6, cloud.sim.url, "SIGNET_CLIENT_KEY", "RSA-PSS", "TLS 1.2")
    assert cloud.asked() == []


def test_a_client_without_certificate_is_turned_away(demanding, signet):
    cloud = demanding()
    none = {"SIGNET_CLIENT_KEY": None, "SIGNET_CLIENT_CERT": None}
    fails(signet("login", "tcm", "--pat", env=none), 6, cloud.sim.url)
    assert cloud.asked() == []


def test_the_key_may_be_in_another_token_with_its_own_pin(
    demanding, two_tokens, signet, tmp_path
):
    cloud = demanding(label=OTHER)
    pin = tmp_path / "other-pin"
    pin.write_text(two_tokens.pin)
    pin.chmod(0o600)
    signet.env["SIGNET_CLIENT_KEY"] += f"?pin-source=file:{pin}"
    succeeds(signet("login", "tcm", "--jwt"))
    assert cloud.logins() == 1


def test_the_pin_of_one_token_is_not_tried_on_another(demanding, signet):
    cloud = demanding(label=OTHER)
    trace = signet.home / "trace"
    result = signet("login", "tcm", "--pat", "--trace", str(trace))
    fails(result, 3, "SIGNET_CLIENT_KEY", OTHER)
    assert trace.read_text().count("C_Login(") == 0
    assert cloud.asked() == []


def test_a_certificate_of_another_key_is_refused_here(demanding, signet):
    cloud = demanding()
    env = {"SIGNET_CLIENT_KEY": f"pkcs11:token={LABEL};object=uat"}
    result = signet("login", "tcm", "--pat", env=env)
    fails(result, 8, "SIGNET_CLIENT_CERT", "object=uat")
    assert cloud.asked() == []


@pytest.mark.parametrize("what", ["unset", "absent", "garbage"])
def test_a_certificate_that_is_none(demanding, signet, what):
    cloud = demanding()
    path = Path(signet.home) / "cert.pem"
    if what == "garbage":
        path.write_text("hello")
    cert = {"SIGNET_CLIENT_CERT": None if what == "unset" else str(path)}
    result = signet("login", "tcm", "--pat", env=cert)
    fails(result, 8, "SIGNET_CLIENT_CERT")
    assert cloud.asked() == []


def test_a_wrong_pin_ends_it_before_any_connection(
    demanding, two_tokens, signet, tmp_path
):
    cloud = demanding()
    wrong = tmp_path / "wrong"
    wrong.write_text("000000000000\n")
    wrong.chmod(0o600)
    env = {"SIGNET_PIN_SOURCE": f"file:{wrong}"}
    result = signet("login", "tcm", "--pat", env=env)
    fails(result, 3, "CKR_PIN_INCORRECT")
    assert cloud.asked() == []


def test_a_malformed_uri_is_the_fault_of_the_configuration(demanding, signet):
    demanding()
    env = {"SIGNET_CLIENT_KEY": "pkcs11:nonsense=1"}
    fails(signet("login", "tcm", "--pat", env=env), 8, "SIGNET_CLIENT_KEY")


def test_local_env_may_not_name_a_command_for_its_pin(demanding, signet):
    demanding(label=OTHER)
    uri = f"pkcs11:token={OTHER};object=any?pin-source=cmd:true"
    (signet.cwd / ".env").write_text(f"SIGNET_CLIENT_KEY={uri}\n")
    result = signet("login", "tcm", "--pat", env={"SIGNET_CLIENT_KEY": None})
    fails(result, 8, "./.env", "SIGNET_CLIENT_KEY")
