"""uat: lost answers, changes by two at once, what is there already, dry runs."""

import json

import pytest

from cli_cloud import CONFIGS, SCOPES
from cli_run import fails, strict_json, succeeds

LOSSES = {
    "reset": {"action": "reset", "after": True},
    "close": {"action": "close", "after": True},
    "500": {"status": 500, "after": True},
    "502": {"status": 502, "after": True},
    "504": {"status": 504, "after": True},
    "html": {"status": 200, "body": "<html>", "after": True},
    "empty": {"status": 201, "body": "", "after": True},
    "word": {"status": 202, "body": {"status": "soon"}, "after": True},
    "cut": {"action": "truncate"},
}
LISTING = {"method": "GET", "path-prefix": CONFIGS}
VANISHED = {
    "reset": {"action": "reset"},
    "500": {"status": 500},
    "504": {"status": 504},
    "html": {"status": 200, "body": "<html>"},
    "empty": {"status": 201, "body": ""},
    "word": {"status": 202, "body": {"status": "soon"}},
}


@pytest.fixture
def uat(cloud, signet):
    def run(*words, **kwargs):
        return signet("uat", *words, "--pat", **kwargs)

    return run


@pytest.fixture
def lose(cloud):
    def order(method, fault):
        match = {"method": method, "path-prefix": CONFIGS}
        cloud.sim.faults({"match": match, **fault})

    return order


def only(cloud):
    (config,) = cloud.configs()
    return config


# A create whose answer is lost


@pytest.mark.parametrize("loss", LOSSES)
def test_a_create_whose_answer_is_lost_is_found_again(cloud, signet, lose, loss):
    lose("POST", LOSSES[loss])
    made = signet.json("uat", "create", "--name", "x", "--pat")
    assert made["configuration"] == only(cloud) and made["made"] is True
    assert cloud.asked().count(f"POST {CONFIGS}") == 1


@pytest.mark.parametrize("loss", VANISHED)
def test_a_create_that_did_not_arrive_is_not_repeated(cloud, uat, lose, loss):
    lose("POST", VANISHED[loss])
    rc = 6 if loss == "reset" else 5
    fails(uat("create", "--name", "x"), rc, "is not there", "signet uat list")
    assert cloud.asked().count(f"POST {CONFIGS}") == 1 and cloud.configs() == []


def test_a_create_that_is_late_is_found_at_a_later_look(cloud, signet):
    """The service acts long after the gateway has given up."""
    made = cloud.configure(name="late")
    cloud.sim.faults(
        {"match": {"method": "POST", "path-prefix": CONFIGS}, "status": 504},
        {"match": LISTING, "status": 200, "body": []},  # not yet
    )
    found = signet.json("uat", "create", "--name", "late", "--pat")
    assert found["configuration"] == made and found["made"] is True
    asked = [line for line in cloud.asked() if line.endswith(CONFIGS)]
    assert asked == [f"POST {CONFIGS}", *[f"GET {CONFIGS}"] * 2]


def test_an_older_twin_is_not_taken_for_a_lost_create(cloud, uat, lose):
    """Of the same name, key and issuer, but of other scopes."""
    twin = cloud.configure(name="x", scopes=[SCOPES[0]])
    lose("POST", {"status": 504})
    told = ["this may be it", twin["configId"], "scopes"]
    fails(uat("create", "--name", "x"), 5, *told)


# What is there already


def test_if_absent_makes_it_once(cloud, signet):
    words = ["uat", "create", "--name", "x", "--if-absent", "--pat"]
    assert signet.json(*words)["made"] is True
    again = signet(*words, "--json")
    assert strict_json(again.stdout)["made"] is False
    assert "nothing was made" in again.stderr
    assert strict_json(again.stdout)["configuration"] == only(cloud)
    assert cloud.asked().count(f"POST {CONFIGS}") == 1


@pytest.mark.parametrize(
    "change, part",
    [
        ({"issuer": "https://other.example"}, "issuer"),
        ({"usernameClaim": "sub"}, "username claim"),
        ({"scopes": SCOPES[:1]}, "scopes"),
        ({"enabled": False}, "enabled or not"),
        ({"publicKey": None, "jwksUri": "https://k.example"}, "key"),
    ],
)
def test_if_absent_refuses_what_differs(cloud, uat, change, part):
    config = cloud.configure(name="x", **change)
    result = uat("create", "--name", "x", "--if-absent")
    fails(result, 5, config["configId"], f"differs in: {part};")
    assert only(cloud) == config


def test_if_absent_compares_sets(cloud, signet):
    scopes = ",".join(reversed(SCOPES))
    words = ["uat", "create", "--name", "x", "--if-absent", "--pat"]
    resources = [cloud.site["luid"].upper(), cloud.tenant]
    options = [w for r in resources for w in ("--resource", r)]
    cloud.configure(name="x")
    again = signet.json(*words, *options, env={"SIGNET_SCOPES": scopes})
    assert again["made"] is False


def test_five_at_once_make_one(cloud, signet):
    words = ["uat", "create", "--name", "x", "--if-absent", "--pat", "--json"]
    running = [signet.start(*words) for _ in range(5)]
    made = [
        strict_json(succeeds(signet.finish(process)).stdout)["made"]
        for process in running
    ]
    assert made.count(True) == 1 and len(cloud.configs()) == 1


# Changes


def test_two_at_once_do_not_undo_each_other(cloud, signet, uat):
    cloud.configure()
    words = [
        ["update", "signet", "--username-claim", "sub"],
        ["update", "signet", "--issuer", "https://n.example"],
        ["update", "signet", "--scope", SCOPES[0]],
        ["disable", "signet"],
    ]
    running = [signet.start("uat", *w, "--pat") for w in words]
    for process in running:
        succeeds(signet.finish(process))
    config = only(cloud)
    assert config["usernameClaim"] == "sub" and config["enabled"] is False
    assert config["issuer"] == "https://n.example"
    assert config["scopes"] == [SCOPES[0]]


def test_what_another_changed_meanwhile_is_not_overwritten(cloud, uat):
    """Between our fetch, of which the answer is held back, and our PUT."""
    config = cloud.configure()
    stale = {**config, "issuer": "https://before.example"}
    match = {"method": "GET", "path-prefix": f"{CONFIGS}/"}
    cloud.sim.faults({"match": match, "status": 200, "body": stale})
    told = [config["configId"], "changed by someone else"]
    fails(uat("disable", config["configId"]), 5, *told)
    assert only(cloud) == config
    assert not any(line.startswith("PUT") for line in cloud.asked())


def moving(config, looks):
    """What a service may show that nobody has told us of: it moves."""
    match = {"method": "GET", "path-prefix": f"{CONFIGS}/"}
    shown = [{**config, "lastUsedAt": f"2026-01-01T00:00:0{i}Z"} for i in looks]
    return [{"match": match, "status": 200, "body": body} for body in shown]


def test_what_moves_by_itself_keeps_nobody_from_a_change(cloud, signet):
    config = cloud.configure()
    cloud.sim.faults(*moving(config, (1, 2)))
    signet.ok("uat", "update", config["configId"], "--name", "n", "--pat")
    assert only(cloud)["name"] == "n"
    cloud.sim.faults(*moving(only(cloud), range(6)))
    assert signet("uat", "stop").rc == 0
    assert only(cloud)["enabled"] is False


def test_a_service_with_entity_tags_judges_itself(cloud, uat):
    config = cloud.configure()
    cloud.sim.set(etags="on")
    assert uat("disable", config["configId"]).rc == 0
    match = {"method": "GET", "path-prefix": f"{CONFIGS}/"}
    cloud.sim.faults(
        {
            "match": match,
            "status": 200,
            "body": only(cloud),
            "headers": {"ETag": '"stale"'},
            "times": 2,
        }
    )
    fails(uat("enable", config["configId"]), 5, "changed by someone else")
    assert cloud.reason() == "entity-tag-stale"
    assert only(cloud)["enabled"] is False


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("status", ["200", "204"])
def test_a_put_whose_answer_is_lost_is_read_back(cloud, signet, lose, loss, status):
    config = cloud.configure()
    cloud.sim.set(update_status=status)
    lose("PUT", LOSSES[loss])
    shown = signet.json("uat", "disable", config["configId"], "--pat")
    assert shown["configuration"] == only(cloud)
    assert only(cloud)["enabled"] is False


def test_a_put_that_did_not_arrive_says_so(cloud, uat, lose):
    config = cloud.configure()
    lose("PUT", {"action": "reset"})
    fails(uat("disable", config["configId"]), 6, "has not changed")
    lose("PUT", {"status": 200, "body": config})
    fails(uat("disable", config["configId"]), 5, "shows another enabled")


@pytest.mark.parametrize("loss", ["reset", "close", "500", "502", "504", "html"])
def test_a_delete_whose_answer_is_lost_is_looked_at(cloud, uat, lose, loss):
    config = cloud.configure()
    lose("DELETE", LOSSES[loss])
    succeeds(uat("delete", config["configId"], "--yes"))
    assert cloud.configs() == []


@pytest.mark.parametrize("loss", ["reset", "html"])
def test_a_delete_that_did_not_arrive_says_so(cloud, uat, lose, loss):
    config = cloud.configure()
    lose("DELETE", VANISHED[loss])
    rc = 6 if loss == "reset" else 5
    fails(uat("delete", config["configId"], "--yes"), rc, "is still there")
    succeeds(uat("delete", config["configId"], "--yes"))
    fails(uat("delete", config["configId"], "--yes"), 5, "no longer")


# Dry runs


def change(signet, *words):
    """The request that a dry run shows, in both of its forms the same."""
    text = signet.ok("uat", *words, "--pat", "--dry-run")
    value = signet.json("uat", *words, "--pat", "--dry-run")
    assert value["dryRun"] is True
    request = value["request"]
    first, *rest = text.splitlines()
    assert first == f"{request['method']} {request['url']}"
    assert [json.loads(line) for line in rest] == (
        [request["body"]] if "body" in request else []
    )
    return request


def replay(cloud, request):
    path = request["url"].removeprefix(cloud.sim.url)
    return cloud.rest(request["method"], path, request.get("body"))


@pytest.mark.parametrize("verb", ["disable", "delete", "update --name y"])
@pytest.mark.parametrize("name", ["id", "name"])
def test_a_dry_run_of_a_change_sends_none(cloud, signet, verb, name):
    config = cloud.configure(name="x")
    verb, *options = verb.split()
    named = config["configId"] if name == "id" else "x"
    request = change(signet, verb, named, *options)
    assert all(not line.startswith(("PUT", "DELETE")) for line in cloud.asked())
    assert only(cloud) == config
    assert replay(cloud, request).status in (200, 204)
    after = cloud.configs()
    if verb == "delete":
        assert after == []
    elif verb == "disable":
        assert after[0]["enabled"] is False
    else:
        assert after[0]["name"] == "y"


def test_a_dry_run_of_a_create_sends_nothing_at_all(cloud, signet):
    request = change(signet, "create", "--name", "x")
    assert cloud.asked() == []
    assert replay(cloud, request).status == 200
    assert only(cloud)["name"] == "x"


def test_a_dry_run_of_if_absent_looks(cloud, signet):
    words = ["create", "--name", "x", "--if-absent"]
    assert change(signet, *words)["method"] == "POST"
    cloud.configure(name="x")
    shown = signet.json("uat", *words, "--pat", "--dry-run")
    assert shown["made"] is False
    assert f"POST {CONFIGS}" not in cloud.asked()
