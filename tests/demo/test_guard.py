"""Only the demo's own page, by the demo's own name, gets an answer."""

import json
import socket
import urllib.error
import urllib.request

import pytest
from helpers import demo_server

from course_utils.demo.guard import host_problem, origin_problem, own_names


@pytest.fixture(scope="module")
def address():
    with demo_server.running(demo_server.quick_analyst()) as address:
        yield address


def status_with(address: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as response:
            return response.status, ""
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())["error"]


@pytest.mark.parametrize("path", ["/", "/plates", "/page/page.js"])
def test_another_name_that_leads_here_is_turned_away(address, path):
    assert status_with(address + path)[0] == 200
    status, words = status_with(address + path, Host="evil.example:8866")
    assert status == 403 and "evil.example" in words


def test_another_site_may_not_ask(address):
    assert status_with(f"{address}/plates", Origin=address)[0] == 200
    for origin in ("https://evil.example", "null", address.replace("127.0.0.1", "localhost")):
        assert status_with(f"{address}/plates", Origin=origin)[0] == 403


def test_every_answer_carries_the_same_protection(address):
    for path in ("/", "/plates", "/nothing"):
        try:
            headers = urllib.request.urlopen(address + path, timeout=60).headers
        except urllib.error.HTTPError as error:
            headers = error.headers
        assert "default-src 'self';" in headers["Content-Security-Policy"] and "unsafe" not in str(headers)
        assert headers["X-Content-Type-Options"] == "nosniff" and "Server" not in headers


@pytest.mark.parametrize(
    "host", ["localhost:8866", "LOCALHOST", "127.0.0.1:8866", "[::1]:8866", "192.168.1.7", "lab.x"]
)
def test_names_of_this_machine(host):
    assert host_problem(host, own_names("lab.x")) == ""


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", "lab.y"]
)
def test_names_of_others(host):
    assert "the demo is not called" in host_problem(host, own_names("lab.x"))


def test_the_machine_s_own_name_counts():
    assert host_problem(f"{socket.gethostname()}:8866", own_names("0.0.0.0")) == ""


def test_origins():
    assert origin_problem(None, "localhost:8866") == "" == origin_problem("http://localhost:8866", "localhost:8866")
    assert origin_problem("http://localhost:8867", "localhost:8866")
