"""The simulator as a process: start, files, TLS, limits, stop."""

import http.client
import re
import signal
import socket
import ssl
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from judge import REASONS
from options import SWITCHES
from simulator import LIMIT_S, PYTHON, Simulator

HERE = Path(__file__).parent
PAT = re.compile(r"[A-Za-z0-9+/]{22}==:[\w-]{43}")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_writes_its_files_with_the_promised_modes(sim):
    modes = {path.name: mode(path) for path in sim.directory.iterdir()}
    assert mode(sim.directory) == 0o700
    assert modes == {
        "ca.pem": 0o644,
        "pat": 0o600,
        "pat.expired": 0o600,
        "pat.site": 0o600,
        "sim.env": 0o600,
    }
    pats = {sim.file(n) for n in ("pat", "pat.expired", "pat.site")}
    assert len(pats) == 3 and all(PAT.fullmatch(pat) for pat in pats)


def test_env_file_names_what_the_client_needs(sim):
    state = sim.state()
    assert sim.env == {
        "CLOUD_MANAGER_TENANT_ID": state["tenantId"],
        "CLOUD_MANAGER_URL": sim.url,
        "CLOUD_MANAGER_PAT_NAME": "simulator",
        "CLOUD_MANAGER_PAT_SECRET_FILE": str(sim.directory / "pat"),
        "TABLEAU_CLOUD_POD_URL": sim.url,
        "TABLEAU_CLOUD_SITE_ID": state["sites"][0]["contentUrl"],
        "TABLEAU_CLOUD_SITE_LUID": state["sites"][0]["luid"],
        "TABLEAU_CLOUD_USERNAME": state["admin"],
        "SIGNET_CA_FILE": str(sim.directory / "ca.pem"),
    }


@pytest.mark.parametrize(
    "ending", [signal.SIGTERM, signal.SIGINT, "control", "ttl"]
)
def test_stops_with_status_0(tmp_path, ending, capfd):
    arguments = ("--ttl", "0.3") if ending == "ttl" else ()
    simulator = Simulator(tmp_path, *arguments)
    if ending == "control":
        simulator.control("POST", "stop")
    elif ending != "ttl":
        simulator.process.send_signal(ending)
    assert simulator.process.wait(LIMIT_S) == 0
    told = "tests/sim: ends, its 0.3 s are over (--ttl)\n"
    assert capfd.readouterr().err == (told if ending == "ttl" else "")
    assert simulator.process.stdout.read() == b""
    simulator.close()


def test_a_second_run_in_the_same_folder_has_new_secrets(tmp_path):
    with Simulator(tmp_path) as first:
        before = first.file("pat")
    with Simulator(tmp_path) as second:
        assert second.file("pat") != before


@pytest.mark.parametrize(
    "arguments",
    [
        ["--set", "no-such=1"],
        ["--set", "create-status=202"],
        ["--cert", "odd"],
    ],
)
def test_bad_option_is_a_usage_error(tmp_path, arguments):
    command = [PYTHON, "-B", str(HERE), "--dir", str(tmp_path), *arguments]
    ended = subprocess.run(command, capture_output=True, timeout=LIMIT_S)
    assert ended.returncode == 2 and ended.stdout == b""


def handshake(sim, strict=True, **limits):
    context = ssl.create_default_context(cafile=sim.directory / "ca.pem")
    if strict:
        context.verify_flags |= ssl.VERIFY_X509_STRICT
    for name, value in limits.items():
        setattr(context, name, value)
    address = ("127.0.0.1", urlsplit(sim.url).port)
    with socket.create_connection(address, timeout=LIMIT_S) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            return tls.version()


def test_certificate_passes_strict_checks(sim):
    assert handshake(sim) == "TLSv1.3"
    tls12 = ssl.TLSVersion.TLSv1_2
    assert handshake(sim, maximum_version=tls12) == "TLSv1.2"


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (["--cert", "wrong-name"], "mismatch"),
        (["--cert", "expired"], "expired"),
        (["--self-signed"], "self-signed certificate"),
    ],
)
def test_bad_certificate_is_bad_in_the_way_asked_for(
    tmp_path, arguments, complaint
):
    with Simulator(tmp_path, *arguments) as sim:
        with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
            handshake(sim)


def test_only_clients_with_a_certificate_come_in(tmp_path):
    key = rsa.generate_private_key(65537, 2048).public_key()
    (tmp_path / "key.pem").write_bytes(
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    clients = ("--clients", str(tmp_path / "key.pem"), "--tls", "1.3")
    with Simulator(tmp_path / "dir", *clients) as sim:
        assert sim.state()["tenantId"]
        assert "BEGIN CERTIFICATE" in sim.file("client-cert.pem")
        (sim.directory / "client.pem").rename(tmp_path / "away")
        with pytest.raises(OSError):
            sim.state()
        with pytest.raises(ssl.SSLError):
            handshake(sim, maximum_version=ssl.TLSVersion.TLSv1_2)
        (tmp_path / "away").rename(sim.directory / "client.pem")


def test_a_silent_client_blocks_nobody(sim):
    address = ("127.0.0.1", urlsplit(sim.url).port)
    with socket.create_connection(address) as first:
        with socket.create_connection(address) as second:
            assert sim.state()["sessions"] == 0
            for silent in (first, second):  # not given up meanwhile
                silent.setblocking(False)
                with pytest.raises(BlockingIOError):
                    silent.recv(1)


def test_body_limit_is_1_mib(sim):
    path, as_json = "/api/v1/pat/login", {"Content-Type": "application/json"}
    mib = 1024 * 1024
    assert sim.request("POST", path, b" " * mib, as_json).status == 400
    assert sim.request("POST", path, b" " * (mib + 1), as_json).status == 413
    assert sim.last_reason() == "body-request-entity-too-large"


def test_log_names_auth_headers_and_holds_no_secret(tenant):
    tenant.configure()
    token = tenant.jwt()
    session = tenant.login(token).json()["sessionToken"]
    tenant.tcm("GET", f"/api/v1/tenants/{tenant.id}", session=session)
    entry = tenant.sim.log()[-1]
    assert entry["auth"] == ["x-tableau-session-token"]
    text = str(tenant.sim.log())
    for secret in (token, session, tenant.sim.file("pat")):
        assert secret not in text


def test_reset_forgets_everything_but_the_identities(tenant):
    sim, before = tenant.sim, tenant.sim.state()
    tenant.configure()
    sim.set(create_status=201)
    sim.advance(1000)
    sim.publish({"keys": []})
    sim.faults({"status": 500})
    sim.reset()
    after = sim.state()
    assert after.pop("now") - before.pop("now") < 500
    assert after == before
    assert sim.log() == []
    assert sim.request("GET", "/_sim/jwks.json").status == 404


def test_connection_is_kept_alive_and_counted(sim):
    trust = ssl.create_default_context(cafile=sim.directory / "ca.pem")
    host = urlsplit(sim.url).netloc
    connection = http.client.HTTPSConnection(
        host, timeout=LIMIT_S, context=trust
    )
    for _ in range(3):
        connection.request("GET", "/api/3.4/serverinfo")
        connection.getresponse().read()
    connection.close()
    assert len({entry["connection"] for entry in sim.log()}) == 1


def test_readme_lists_every_switch_and_every_reason():
    readme = (HERE / "README.md").read_text()
    for switch in SWITCHES.values():
        assert f"| `{switch.name}` | " in readme
    for reason, meaning in REASONS.items():
        assert f"| `{reason}` | {meaning} |" in readme
