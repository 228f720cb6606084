"""Scaffolded Dockerfiles, built for real, their containers started and asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.building import build, builds, container, copied, remove, settings_of
from tests.servers import after, needs

pytestmark = builds


@pytest.mark.parametrize(
    ("case", "folder", "port", "path", "answer"),
    [
        ("go-http-server", "greeter", 8090, "/", "visitor 1"),
        ("java-maven-http-server", "", 8085, "/", "hello"),
        ("rust-http-server", "clock", 7000, "/", "seconds"),
        ("node-express-npm", "api", 3000, "/", "orders"),
        ("node-theme", "", 8080, "/", "A theme"),
        ("node-vite-with-development", "web", 8080, "/orders/1", '<main id="app">'),
        ("python-django-asgi", "", 8000, "/", "nobody is here"),
        ("python-django-procfile", "", 8000, "/", "0 books"),
        ("python-fastapi-uv", "api", 8080, "/orders", "first order"),
        ("python-flask-factory", "", 5000, "/", "no pictures yet"),
        ("elixir-otp", "", 4040, "/", "hello"),
        ("php-plain", "site", 8080, "/", "hello"),
        ("ruby-sinatra", "api", 9292, "/", "hello"),
        ("static-site", "site", 80, "/", "<"),
        ("static-site-with-assets", "site", 8080, "/about/", "About us"),
    ],
)
def test_a_container_answers_as_another_user_than_root(
    case: str, folder: str, port: int, path: str, answer: str, tmp_path: Path
) -> None:
    context = copied(after(f"missing-dockerfile/{case}") / folder, tmp_path / "context")
    image = build(context)
    try:
        config = settings_of(image)
        with container(image, tmp_path) as started:
            started.wait_for(port)
            assert answer in started.get(port, path)
            assert started.users() and "0" not in started.users()
            check = config.get("Healthcheck")
            if isinstance(check, dict) and check["Test"] != ["NONE"]:
                test = check["Test"]
                words = test[1:] if test[0] == "CMD" else ["/bin/sh", "-c", test[1]]
                assert started.execute(*words).returncode == 0, started.log
    finally:
        remove(image)


@needs("cgi-fcgi")
def test_php_fpm_answers_where_the_web_server_asks_for_a_script(tmp_path: Path) -> None:
    image = build(copied(after("missing-dockerfile/php-fpm") / "app", tmp_path / "context"))
    try:
        with container(image, tmp_path) as started:
            started.wait_for(9000)
            script = "SCRIPT_FILENAME=/var/www/html/public/index.php"
            request = ["env", script, "REQUEST_METHOD=GET", "cgi-fcgi", "-bind", "-connect"]
            answer = started.inside(*request, "127.0.0.1:9000")
            assert "hello" in answer.stdout, answer.stdout + answer.stderr + started.log
            assert started.users() == {"33"}
    finally:
        remove(image)
