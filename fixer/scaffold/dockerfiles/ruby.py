"""Ruby: what Bundler installs, served by the server of the Gemfile."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.debian import packages_of_programs
from fixer.scaffold.dockerfiles.pages import NODE, pages_of
from fixer.scaffold.dockerfiles.programs import DEVELOPER, user_of
from fixer.scaffold.dockerfiles.scaffold import Scaffold, labels_of, with_its_length
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render

DEFAULT_VERSION = "3.4"
OLDEST_VERSION = (2, 7)
"""Images of older versions are of a Debian whose packages are no longer served."""

MANIFESTS = ("Gemfile", "Gemfile.lock", ".ruby-version", ".tool-versions")
USER = "10001:10001"
OTHER_FILES = r"\b(?:gemspec|eval_gemfile)\b|\bpath:|:path\b"
"""What in a Gemfile reads files that must be there when the gems are installed."""

GEM = r"(?m)^\s*gem[\s(]+[\"']([\w.-]+)[\"'](.*)$"
GROUP = r"(?ms)^([ \t]*)group\b([^\n]*)\bdo\b[^\n]*\n.*?^\1end\b"
LIBRARIES = {
    "charlock_holmes": (("libicu-dev", "zlib1g-dev"), ("libicu-dev",)),
    "ethon": ((), ("libcurl4",)),
    "image_processing": ((), ("libvips",)),
    "mini_magick": ((), ("imagemagick",)),
    "mysql2": (("default-libmysqlclient-dev",), ("libmariadb3",)),
    "nokogiri": (("zlib1g-dev",), ()),
    "pg": (("libpq-dev",), ("libpq5",)),
    "psych": (("libyaml-dev",), ()),
    "rmagick": (("libmagickwand-dev",), ("imagemagick",)),
    "ruby-vips": ((), ("libvips",)),
    "sqlite3": (("libsqlite3-dev",), ("libsqlite3-0",)),
    "trilogy": (("libssl-dev",), ()),
}
"""By the gem: Debian's packages with which it is built, and those that it loads."""

WRITABLE = ("log", "storage", "tmp", "tmp/pids")
"""Puma does not start where Rails' settings name the last one for its number, and it is missing."""

ASSETS = ("propshaft", "sprockets-rails", "vite_rails", "webpacker", "shakapacker")
RACK_SERVERS = {
    "puma": "puma -b tcp://0.0.0.0:{port}",
    "falcon": "falcon serve --bind http://0.0.0.0:{port}",
    "unicorn": "unicorn -l 0.0.0.0:{port}",
    "thin": "thin start -a 0.0.0.0 -p {port}",
    "webrick": "rackup -o 0.0.0.0 -p {port}",
}
"""In the order in which they are taken where a project has several."""

CLASSIC_SINATRA = r"(?m)^\s*require\s*\(?\s*[\"']sinatra[\"']"
SCRIPTS = ("app.rb", "main.rb", "server.rb", "bot.rb", "worker.rb")
WORKERS = ("worker", "sidekiq", "jobs")


class Start(NamedTuple):
    """What the container runs, `{port}` in place of the port, and the port that is usual."""

    command: str
    port: str


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a Ruby application."""
    if not project.has("Gemfile"):
        return None
    gems, locked = _gems(project)
    version, start = _version(project), _start(project, demands, gems | locked)
    if version is None or start is None:
        return None
    is_rails = "rails" in gems and project.has("config/application.rb")
    port = demands.port or start.port
    pages = pages_of(project) if is_rails or "hanami" in gems else None
    runs_scripts = "execjs" in locked and not {"mini_racer", "therubyracer"} & locked
    # Rails reads YAML with this one, whether a lock file says so or not.
    used = gems | locked | ({"psych"} if is_rails else set())
    libraries = [LIBRARIES[gem] for gem in sorted(LIBRARIES) if gem in used]
    has_platform = _has_platform(project)
    user, developer = user_of(demands, USER), user_of(demands, DEVELOPER)
    steps = _steps(project, is_rails, gems, locked)
    developing = ["bundle install", *(["rm -rf public/assets"] if steps else [])]
    developing += pages.install[-1:] if pages else []
    folders = " ".join([*(WRITABLE if is_rails else ()), *demands.data])
    developing += [f"mkdir -p {folders}", f"chown -R {developer} {folders}"] if folders else []
    text = render(
        "dockerfile/ruby.Dockerfile.j2",
        demands=demands,
        version=version,
        folder=demands.sources[0] if demands.sources else "/app",
        prefix=project.prefix,
        pages=pages,
        node=pages.version if pages else NODE if runs_scripts else "",
        runs_scripts=runs_scripts,
        environment=_environment(demands, is_rails, "hanami" in gems),
        development=_development(is_rails, "hanami" in gems),
        packages=_unique(*(each[1] for each in libraries), packages_of_programs(demands)),
        build_packages=_unique(
            ["build-essential", "git", "pkg-config"], *(each[0] for each in libraries)
        ),
        has_platform=has_platform,
        copies_all=(project.has("Gemfile.lock") and not has_platform)
        or bool(re.search(OTHER_FILES, project.text("Gemfile"))),
        manifests=[name for name in MANIFESTS if _is_manifest(project, name)],
        steps=[*steps, "rm -rf node_modules"] if pages else steps,
        developing=developing,
        user=user,
        developer=developer,
        port=port,
        labels=labels_of(project, demands),
        check=_check(project, demands, port, is_rails),
        command=["bundle", "exec", *start.command.replace("{port}", port).split()],
    )
    return Scaffold(with_its_length(text))


def _unique(*lists: list[str] | tuple[str, ...]) -> list[str]:
    return sorted({name for each in lists for name in each})


def _is_manifest(project: Project, name: str) -> bool:
    return project.has(name) and (name.startswith("Gemfile") or name in project.text("Gemfile"))


def _gems(project: Project) -> tuple[frozenset[str], frozenset[str]]:
    """The gems of the Gemfile, and all that the lock file has; those only for development and tests
    left out of both."""
    text = project.text("Gemfile")
    served = re.sub(GROUP, lambda found: "" if _is_for_development(found[2]) else found[0], text)
    gems = {name for name, rest in re.findall(GEM, served) if not _is_for_development(rest)}
    others = {name for name, _ in re.findall(GEM, text)} - gems
    locked = set(re.findall(r"(?m)^    ([\w.-]+) \(", project.text("Gemfile.lock")))
    return frozenset(gems), frozenset(locked - others)


def _is_for_development(words: str) -> bool:
    return bool(re.search(r"\b(development|test)\b", words)) and "production" not in words


def _version(project: Project) -> str | None:
    """The version of Ruby for the image's tag: exact only where the Gemfile insists on it. None for
    another Ruby than the usual one, and for one that is too old."""
    gemfile = project.text("Gemfile")
    if re.search(r"(?i)jruby|truffleruby", gemfile + project.text(".ruby-version")):
        return None
    line = re.search(r"(?m)^\s*ruby[\s(]+([^#\n]*)", gemfile)
    required = line[1] if line else ""
    named = re.search(r"[\"']([\w./-]*\.(?:ruby|tool)-version[s]?)[\"']", required)
    version = project.text(named[1]) if named else required
    is_exact = bool(required) and not re.search(r"[~>]", required)
    texts = [
        "" if re.match(r"[\"']\s*>", required) else version,
        project.text(".ruby-version"),
        "".join(re.findall(r"(?m)^ruby\s+\S+", project.text(".tool-versions"))),
        "".join(re.findall(r"(?m)^RUBY VERSION\n\s+ruby \S+", project.text("Gemfile.lock"))),
    ]
    found = next((each for text in texts if (each := re.search(r"(\d+)\.(\d+)(\.\d+)?", text))), None)
    if found is None:
        return DEFAULT_VERSION
    if (int(found[1]), int(found[2])) < OLDEST_VERSION:
        return None
    return found[0] if is_exact else f"{found[1]}.{found[2]}"


def _has_platform(project: Project) -> bool:
    """Whether the lock file knows the image's platform, without which Bundler refuses it."""
    text = project.text("Gemfile.lock")
    platforms = re.search(r"(?m)^PLATFORMS\n((?:  .+\n)+)", text)
    return platforms is not None and bool(re.search(r"linux|(?m:^  ruby$)", platforms[1]))


def _environment(demands: Demands, is_rails: bool, is_hanami: bool) -> dict[str, str]:
    found = {"BUNDLE_DEPLOYMENT": "1", "BUNDLE_PATH": "/usr/local/bundle"}
    # Where the stack mounts the sources, the one image serves for development, too.
    if not demands.sources or demands.development:
        found["BUNDLE_WITHOUT"] = "development:test"
    found |= {"RACK_ENV": "production", "RUBY_YJIT_ENABLE": "1"}
    if is_rails:
        found |= {"RAILS_ENV": "production", "RAILS_LOG_TO_STDOUT": "1", "RAILS_SERVE_STATIC_FILES": "1"}
    return found | {"HANAMI_ENV": "production", "HANAMI_SERVE_ASSETS": "true"} if is_hanami else found


def _development(is_rails: bool, is_hanami: bool) -> dict[str, str]:
    found = {"BUNDLE_DEPLOYMENT": "0", "BUNDLE_WITHOUT": "", "HOME": "/tmp", "RACK_ENV": "development"}
    found |= {"RAILS_ENV": "development"} if is_rails else {}
    return found | {"HANAMI_ENV": "development"} if is_hanami else found


def _start(project: Project, demands: Demands, gems: frozenset[str]) -> Start | None:
    """How the application is started; None where that cannot be told."""
    is_rails = "rails" in gems and project.has("config/application.rb")
    if "sidekiq" in gems and demands.name in WORKERS and not demands.ports:
        return Start("sidekiq", "")
    if is_rails and not {"puma", "falcon", "unicorn"} & gems:
        return Start("rails server -b 0.0.0.0 -p {port}", "3000")
    if project.has("config.ru"):
        server = next((name for name in RACK_SERVERS if name in gems), None)
        usual = "3000" if is_rails else "2300" if "hanami" in gems else "9292"
        return Start(RACK_SERVERS[server], usual) if server else None
    scripts = [name for name in SCRIPTS if project.has(name)]
    if len(scripts) != 1:
        return None
    text = project.text(scripts[0])
    if re.search(CLASSIC_SINATRA, text):
        is_served = any(server in gems for server in RACK_SERVERS)
        return Start(f"ruby {scripts[0]} -o 0.0.0.0 -p {{port}}", "4567") if is_served else None
    return Start(f"ruby {scripts[0]}", "")


def _steps(project: Project, is_rails: bool, gems: frozenset[str], locked: frozenset[str]) -> list[str]:
    """What is made of the sources once they are there."""
    steps = []
    if is_rails and any(name in gems | locked for name in ASSETS):
        found = re.search(r"(?m)^    rails \((\d+)\.(\d+)", project.text("Gemfile.lock"))
        knows_dummy = found is None or (int(found[1]), int(found[2])) >= (7, 1)
        key = "SECRET_KEY_BASE_DUMMY=1" if knows_dummy else "SECRET_KEY_BASE=unused"
        steps.append(f"{key} bundle exec rails assets:precompile")
    if is_rails and "bootsnap" in gems:
        steps.append("bundle exec bootsnap precompile -j 1 --gemfile app/ lib/")
    if is_rails:
        steps.append(f"mkdir -p {' '.join(WRITABLE)}")
    if "hanami-assets" in gems:
        steps.append("bundle exec hanami assets compile")
    return steps


def _check(project: Project, demands: Demands, port: str, is_rails: bool) -> list[str]:
    """The health check, in Ruby, since the image has no other client."""
    if not port or demands.is_shared:
        return []
    routes = project.text("config/routes.rb") if is_rails else ""
    path = demands.health_path or ("/up" if "rails/health#show" in routes else "")
    if not path:
        return ["ruby", "-rsocket", "-e", f"TCPSocket.new('127.0.0.1', {port}).close"]
    # A redirection to HTTPS and a refused host name come from an application that is up.
    script = f"exit Net::HTTP.get_response(URI('http://127.0.0.1:{port}{path}')).code < '500'"
    return ["ruby", "-rnet/http", "-e", script]
