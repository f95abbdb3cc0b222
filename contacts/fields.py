"""Model fields computed in Python from another field whenever a row is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models


class DerivedTextField(models.TextField):
    """Text kept equal to `compute(instance)` by `save`, `update_or_create` and `bulk_create`, which call `pre_save`.

    `save(update_fields=…)` must name it beside its source; `bulk_update` and `update` do not compute it.
    """

    def __init__(self, *args: Any, compute: Callable[[Any], str] | None = None, **kwargs: Any) -> None:
        self.compute = compute
        kwargs.setdefault("editable", False)
        kwargs.setdefault("default", "")
        kwargs.setdefault("db_default", "")
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        if self.compute is None:  # a historical model in a migration
            return str(getattr(model_instance, self.attname))
        value = self.compute(model_instance)
        setattr(model_instance, self.attname, value)
        return value
