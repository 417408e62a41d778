"""Whose configuration is believed: it can name code to load."""

import os
import shutil

import pytest

from cli_listen import held
from cli_run import fails, settings, write


@pytest.mark.parametrize("mode", [0o660, 0o620, 0o602, 0o666, 0o777])
@pytest.mark.parametrize("way", ["local", "option", "variable"])
def test_a_file_that_others_can_write_is_refused(signet, mode, way):
    text, words, env = "A=b\n", [], {}
    if way == "local":
        path = signet.local_env(text, mode)
    else:
        path = signet.config(text, mode=mode)
        words = ["--config", path] if way == "option" else []
        env = {"SIGNET_CONFIG": str(path)} if way == "variable" else {}
    fails(signet("jwt", "sign", *words, env=env), 8, path.name, "chmod")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_readable_file_may_hold_no_secret(cloud, signet, mode):
    secret = cloud.sim.file("pat")
    path = signet.local_env(
        settings({"CLOUD_MANAGER_PAT_SECRET": secret}), mode
    )
    fails(signet("jwt", "sign"), 8, "CLOUD_MANAGER_PAT_SECRET", "chmod 600")
    path.chmod(0o600)
    signet.ok("jwt", "sign")


def test_a_readable_file_without_secret_is_fine(signet):
    signet.local_env("CLOUD_MANAGER_PAT_SECRET=\nA=b\n", 0o644)
    signet.ok("jwt", "sign")


@pytest.mark.root
def test_a_file_of_someone_else_is_refused(signet):
    path = signet.local_env("A=b\n")
    os.chown(path, 65534, 65534)
    fails(signet("jwt", "sign"), 8, ".env")


def test_a_link_is_judged_by_what_it_points_to(signet):
    target = signet.config("A=b\n", mode=0o666)
    (signet.cwd / ".env").symlink_to(target)
    fails(signet("jwt", "sign"), 8, ".env", "chmod")


@pytest.mark.parametrize("where", ["setting", "uri"])
def test_only_a_trusted_file_may_name_a_command(signet, token, where):
    ran = signet.cwd / "ran"
    script = write(
        signet.home / "pin.sh",
        f"#!/bin/sh\n: >{ran}\ncat {token.pin_file}\n",
        0o700,
    )
    for name in ("SIGNET_PIN_SOURCE", "SIGNET_KEY"):
        del signet.env[name]
    if where == "setting":
        lines = {
            "SIGNET_PIN_SOURCE": f"cmd:{script}",
            "SIGNET_KEY": "pkcs11:object=uat",
        }
    else:
        lines = {"SIGNET_KEY": f"pkcs11:object=uat?pin-source=%7C{script}"}
    local = signet.local_env(settings(lines))
    fails(signet("jwt", "sign"), 8, ".env", "command", "--config")
    assert not ran.exists()
    result = signet("jwt", "sign", "--config", local)
    assert result.rc == 0 or where == "uri", result.stderr
    if where == "setting":
        assert ran.exists()


@pytest.fixture
def module_elsewhere(signet, token):
    folder = signet.home / "modules"
    folder.mkdir()
    return shutil.copy(token.module, folder / "libsofthsm2.so")


@pytest.fixture(params=["setting", "uri"])
def local_module(request, signet, module_elsewhere):
    """./.env that names a module outside the system's folders."""
    for name in ("SIGNET_MODULE", "SIGNET_KEY"):
        del signet.env[name]
    key = "pkcs11:token=signet-cli;object=uat"
    if request.param == "setting":
        lines = {"SIGNET_MODULE": str(module_elsewhere), "SIGNET_KEY": key}
    else:
        lines = {"SIGNET_KEY": f"{key}?module-path={module_elsewhere}"}
    return signet.local_env(settings(lines))


def test_a_local_file_may_not_name_a_module_elsewhere(
    signet, local_module, module_elsewhere
):
    told = [str(module_elsewhere), "SIGNET_MODULES_ALLOW", "modules.allow"]
    fails(signet("jwt", "sign"), 8, *told)


def test_the_environment_can_allow_it(signet, local_module, module_elsewhere):
    for allowed in (
        os.path.dirname(module_elsewhere),
        str(module_elsewhere),
        f"/nowhere:{signet.home}*",
    ):
        signet.ok("jwt", "sign", env={"SIGNET_MODULES_ALLOW": allowed})


def test_allowing_a_folder_allows_no_other(signet, local_module):
    beside = str(signet.home / "mod")
    for allowed in (beside, "", ":", "home"):
        env = {"SIGNET_MODULES_ALLOW": allowed}
        fails(signet("jwt", "sign", env=env), 8, "SIGNET_MODULES_ALLOW")


def test_a_local_file_cannot_allow_itself(signet, local_module):
    text = local_module.read_text()
    signet.local_env(text + f'SIGNET_MODULES_ALLOW="{signet.home}"\n')
    fails(signet("jwt", "sign"), 8, "modules.allow")


def test_a_link_or_dots_do_not_lead_past_the_list(signet, module_elsewhere):
    del signet.env["SIGNET_MODULE"]
    dots = "/usr/lib/" + "../" * 12 + str(module_elsewhere)[1:]
    signet.local_env(settings({"SIGNET_MODULE": dots}))
    fails(signet("jwt", "sign"), 8, str(module_elsewhere))


@pytest.mark.parametrize("way", ["option", "environment", "config"])
def test_elsewhere_is_fine_when_named_by_the_user(signet, module_elsewhere, way):
    del signet.env["SIGNET_MODULE"]
    words, env = [], {}
    if way == "option":
        words = ["--module-path", module_elsewhere]
    elif way == "environment":
        env = {"SIGNET_MODULE": str(module_elsewhere)}
    else:
        text = settings({"SIGNET_MODULE": str(module_elsewhere)})
        words = ["--config", signet.config(text)]
    signet.ok("jwt", "sign", *words, env=env)


def test_a_local_file_may_not_have_any_file_sent(cloud, signet, tmp_path):
    elsewhere = write(tmp_path / "id_rsa", "a private thing")
    del signet.env["CLOUD_MANAGER_PAT_SECRET_FILE"]
    signet.local_env(f"CLOUD_MANAGER_PAT_SECRET_FILE={elsewhere}\n")
    fails(signet("login", "tcm", "--pat"), 8, "outside", "--config")
    assert cloud.asked() == []


def test_a_local_file_may_name_a_secret_beside_it(cloud, signet):
    write(signet.cwd / "pat", cloud.sim.file("pat"))
    del signet.env["CLOUD_MANAGER_PAT_SECRET_FILE"]
    signet.local_env("CLOUD_MANAGER_PAT_SECRET_FILE=pat\n")
    signet.ok("login", "tcm", "--pat")


URLS = {
    "CLOUD_MANAGER_URL": "",
    "CLOUD_MANAGER_PAT_LOGIN_URL": "/api/v1/pat/login",
    "CLOUD_MANAGER_JWT_LOGIN_URL": "/api/v1/jwt/login",
    "CLOUD_MANAGER_UAT_CONFIGS_URL": "/api/v1/uat-configurations",
}


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize("secret", ["file", "value"])
def test_a_local_file_may_not_have_a_pat_from_elsewhere_sent(
    cloud, signet, name, secret
):
    for other in URLS:
        signet.env.pop(other, None)
    if secret == "value":
        del signet.env["CLOUD_MANAGER_PAT_SECRET_FILE"]
        signet.env["CLOUD_MANAGER_PAT_SECRET"] = cloud.sim.file("pat")
    path = signet.local_env(settings({name: cloud.sim.url + URLS[name]}))
    result = signet("login", "tcm", "--pat")
    fails(result, 8, cloud.sim.url, name, "--config")
    assert cloud.asked() == []
    if name == "CLOUD_MANAGER_URL":
        signet.ok("--config", path, "login", "tcm", "--pat")


def test_a_local_file_may_name_tableau_s_service(cloud, signet):
    signet.env.pop("CLOUD_MANAGER_URL", None)
    for good in ("https://acme.cloudmanager.tableau.com", "https://a.tableau.com/"):
        signet.local_env(settings({"CLOUD_MANAGER_URL": good}))
        with held() as port:  # nobody is asked
            env = {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
            fails(signet("login", "tcm", "--pat", env=env), 6, good.rstrip("/"))
    for bad in ("https://tableau.com.evil.example", "https://eviltableau.com"):
        signet.local_env(settings({"CLOUD_MANAGER_URL": bad}))
        fails(signet("login", "tcm", "--pat"), 8, bad, "--config")


def test_a_fifo_in_place_of_the_file_is_not_waited_for(signet):
    os.mkfifo(signet.cwd / ".env", 0o600)
    fails(signet("jwt", "sign"), 8, ".env", "no file")


def test_a_folder_of_that_name_is_passed_over(signet):
    (signet.cwd / ".env").mkdir()
    signet.ok("jwt", "sign")


@pytest.mark.parametrize("words", ["version", "help", "help jwt sign", "token --help"])
def test_help_and_version_need_no_configuration(signet, words):
    signet.local_env("this is no dotenv\n")
    signet.ok(*words.split())
