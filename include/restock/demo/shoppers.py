"""The households as shoppers. Real: who they are and what they spend. Modelled: address, locale and time zone.

The source's households live in one region. To show quiet hours at work they are spread evenly over the 24 hours of
the globe, so that at any moment about half of them may be written to.
"""

import numpy as np
import pandas as pd

from restock.demo.stable import stable_choice

TIERS = 4

# For each hour of the globe, from UTC-11 to UTC+12 without daylight saving, places with their usual language. Few
# people live at -11, -2, -1 and +11; the demo needs every hour all the same.
HOURS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("Pacific/Pago_Pago", "en-US"),),
    (("Pacific/Honolulu", "en-US"),),
    (("America/Anchorage", "en-US"),),
    (("America/Los_Angeles", "en-US"), ("America/Vancouver", "en-CA"), ("America/Tijuana", "es-MX")),
    (("America/Denver", "en-US"), ("America/Phoenix", "en-US"), ("America/Edmonton", "en-CA")),
    (("America/Chicago", "en-US"), ("America/Mexico_City", "es-MX"), ("America/Costa_Rica", "es-CR")),
    (("America/New_York", "en-US"), ("America/Toronto", "fr-CA"), ("America/Bogota", "es-CO")),
    (("America/Halifax", "en-CA"), ("America/Puerto_Rico", "es-PR"), ("America/Santiago", "es-CL")),
    (("America/Sao_Paulo", "pt-BR"), ("America/Argentina/Buenos_Aires", "es-AR"), ("America/St_Johns", "en-CA")),
    (("America/Noronha", "pt-BR"),),
    (("Atlantic/Azores", "pt-PT"), ("Atlantic/Cape_Verde", "pt-PT")),
    (("Europe/London", "en-GB"), ("Europe/Lisbon", "pt-PT"), ("Europe/Dublin", "en-IE")),
    (("Europe/Berlin", "de-DE"), ("Europe/Paris", "fr-FR"), ("Europe/Madrid", "es-ES"), ("Europe/Rome", "it-IT")),
    (("Europe/Athens", "el-GR"), ("Europe/Helsinki", "fi-FI"), ("Africa/Johannesburg", "en-ZA")),
    (("Europe/Istanbul", "tr-TR"), ("Africa/Nairobi", "en-KE"), ("Asia/Riyadh", "ar-SA")),
    (("Asia/Dubai", "ar-AE"),),
    (("Asia/Karachi", "en-PK"), ("Asia/Kolkata", "hi-IN"), ("Asia/Kathmandu", "ne-NP")),
    (("Asia/Dhaka", "bn-BD"),),
    (("Asia/Bangkok", "th-TH"), ("Asia/Jakarta", "id-ID"), ("Asia/Ho_Chi_Minh", "vi-VN")),
    (("Asia/Shanghai", "zh-CN"), ("Asia/Singapore", "en-SG"), ("Australia/Perth", "en-AU")),
    (("Asia/Tokyo", "ja-JP"), ("Asia/Seoul", "ko-KR")),
    (("Australia/Sydney", "en-AU"), ("Australia/Brisbane", "en-AU")),
    (("Pacific/Noumea", "fr-FR"),),
    (("Pacific/Auckland", "en-NZ"), ("Pacific/Fiji", "en-FJ")),
)


def build_shoppers(households: "pd.Series[int]", history: pd.DataFrame) -> pd.DataFrame:
    """Turn households into rows of the feed `customers`, in the order given.

    Args:
        households: Ids.
        history: Purchases before the stretch: household_id, paid. The quarter of the households that spent most is
            tier 3, the next tier 2, and so on; equal spending goes by id.

    Returns:
        household_id and the feed's columns user_id, email, locale, timezone, preferred_channel, tier, consent.
    """
    names = "household-" + households.astype(str)
    hours = stable_choice("hour", households, len(HOURS))
    picks = stable_choice("place", households, 12)
    places = [HOURS[hour][pick % len(HOURS[hour])] for hour, pick in zip(hours, picks, strict=True)]
    spent = history.groupby("household_id")["paid"].sum().reindex(households, fill_value=0.0)
    tier = ((spent.rank(method="first") - 1) * TIERS // len(households)).astype("int64")
    return pd.DataFrame(
        {
            "household_id": households.to_numpy(),
            "user_id": names.to_numpy(),
            "email": (names + "@example.com").to_numpy(),
            "locale": [locale for _, locale in places],
            "timezone": [timezone for timezone, _ in places],
            "preferred_channel": "email",
            "tier": tier.to_numpy(),
            "consent": np.full(len(households), "true"),
        }
    )
