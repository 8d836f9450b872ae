"""The specification as JSON."""

import json

from pipeline.records.reading import as_record
from pipeline.spec import (
    NOT_VISIBLE,
    ColorRole,
    GarmentSpec,
    SpecColor,
    SpecDetail,
    SpecSource,
    SpecText,
)


def test_a_record_has_the_keys_of_the_api_and_survives_json() -> None:
    spec = GarmentSpec(
        garment_type=SpecText("dress", 1.0, SpecSource.DESIGNER, locked=True),
        colors=(SpecColor("navy", "#1f2a4d", ColorRole.PRIMARY, 0.8, 0.9, SpecSource.ANALYSIS),),
        details=(SpecDetail("neckline", "v-neck", 0.7, SpecSource.INFERRED),),
        raw={"secret": 1},
        version=3,
    )
    nothing = {"value": None, "confidence": 0.0, "source": "NOT_VISIBLE", "locked": False}
    assert json.loads(json.dumps(as_record(spec))) == {
        "version": 3,
        "garmentType": {"value": "dress", "confidence": 1.0, "source": "DESIGNER", "locked": True},
        "fabric": nothing,
        "colors": [
            {
                "name": "navy",
                "hex": "#1f2a4d",
                "role": "primary",
                "share": 0.8,
                "confidence": 0.9,
                "source": "ANALYSIS",
                "locked": False,
            }
        ],
        "pattern": nothing,
        "silhouette": nothing,
        "aesthetic": nothing,
        "details": [
            {
                "name": "neckline",
                "value": "v-neck",
                "confidence": 0.7,
                "source": "INFERRED",
                "locked": False,
            }
        ],
    }


def test_each_record_is_a_new_one() -> None:
    spec = GarmentSpec()
    assert as_record(spec) == as_record(spec)
    assert as_record(spec)["fabric"] is not as_record(spec)["pattern"]
    assert spec.fabric is NOT_VISIBLE
