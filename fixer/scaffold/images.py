"""What is known of the image that a service runs, also where it is built here."""

from __future__ import annotations

import re

from fixer.images import ImageFacts, image_facts
from fixer.stack import Service


def facts_of(service: Service) -> ImageFacts | None:
    """Give what is known of a service's image, of one that is built that of the image it starts from."""
    if service.build is None:
        return service.facts
    path, target = service.build.dockerfile_path, service.build.target
    document = service.stack.dockerfile(path) if path else None
    stages = document.stages if document else []
    stage = document.stage(target) if document and target else stages[-1] if stages else None
    for _ in stages:
        below = document.stage(stage.base) if document and stage else None
        if below is None:
            break
        stage = below
    return image_facts(re.sub(r"[:@][^/]*\Z", "", stage.base)) if stage else None
