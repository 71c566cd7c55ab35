"""Invented wire prose that the deduplication and archive tests share; sentences stay whole on their line."""
# ruff: noqa: E501

from __future__ import annotations

ROCKETS = (
    "Two rockets landed near the Green Zone in central Baghdad on Saturday evening, the security media cell said.\n"
    "The projectiles fell in an empty lot beside the Republican bridge and caused no casualties, according to the statement.\n"
    "Sirens were heard at the United States embassy across the river, where air defences did not open fire.\n"
    "No group said it was behind the launch, the fourth of its kind since the beginning of the year.\n"
    "Police found a makeshift launcher on the back of a lorry in the Bayaa neighbourhood an hour later."
)
PLANE = (
    "The fourth relief plane of the King's air bridge landed at Aden airport on Sunday with twelve tonnes of medicine.\n"
    "The shipment was handed to the health authorities of the province by the head of the relief centre's mission.\n"
    "The centre said that the bridge would continue until the needs of the hospitals are met."
)
EXECUTION = (
    "The interior ministry announced the execution of a man convicted of smuggling drugs in the Basra province on Monday.\n"
    "The court of cassation had upheld the sentence and a presidential decree ordered that it be carried out.\n"
    "The ministry said it would go on fighting drugs to protect the security of citizens and residents."
)
FLOOD = (
    "Flash floods cut the road between Amadiya and Duhok on Friday after a night of heavy rain, the civil defence said.\n"
    "Three cars were swept into the valley and their passengers were pulled out by villagers before dawn.\n"
    "Schools in the district stay closed on Sunday and the governor asked residents to keep away from the river banks.\n"
    "The weather service expects more rain on the mountains until Tuesday evening."
)
OTHER = (
    "The oil ministry said exports through Ceyhan rose by a tenth in February after repairs to a pumping station.\n"
    "Engineers replaced two turbines that had failed in November, a company official told reporters in Kirkuk.\n"
    "The pipeline carried some three hundred thousand barrels a day before it was closed.\n"
    "Talks with the Turkish side on transit fees resume next week."
)
AR = (
    "أفاد مصدر أمني في محافظة نينوى مساء السبت بأن عبوة ناسفة انفجرت على دورية للجيش قرب قرية الشيخ إبراهيم غربي الموصل.\n"
    "وأضاف المصدر أن الانفجار أسفر عن إصابة جنديين بجروح نقلا على إثرها إلى المستشفى العسكري لتلقي العلاج.\n"
    "وأوضح أن قوة أمنية طوقت مكان الحادث وبدأت عملية تفتيش بحثا عن المنفذين دون اعتقال أحد."
)

BOILER_ONE = (
    "Share Facebook Twitter\nWe use cookies to improve your experience on this site today.\nA bridge collapsed."
)
BOILER_TWO = "Share Facebook Twitter\nWe use cookies to improve your experience on this site today.\nPrices rose again."
