"""The states and union territories of India: what they are called and what is spoken there, by the code that is stored.

Codes, English and official names are those of ISO 3166-2 and of the CLDR's subdivisions (48), Devanagari names those of
the CLDR, proofread; names in a state's own script, old names and what people write for them stand here by hand. What is
spoken follows the census of 2011.
"""

from __future__ import annotations

SAME_CODE = {
    **{"CT": "CG", "OD": "OR", "TG": "TS", "DN": "DH", "DD": "DH"},
    **{"UK": "UT", "UA": "UT", "UL": "UT"},
}
"""Codes of before, and of ISO 3166 where Shopify has another."""

NAMES: dict[str, tuple[str, ...]] = {
    "AN": (
        *("Andaman and Nicobar Islands", "Andaman and Nicobar", "Andaman", "Andamans", "Nicobar", "Nicobar Islands"),
        *("Andaman Islands", "A & N Islands", "A & N", "अण्डमान और निकोबार द्वीपसमूह", "अंडमान और निकोबार द्वीपसमूह"),
        *("अंडमान और निकोबार", "अंडमान निकोबार", "আন্দামান ও নিকোবর দ্বীপপুঞ্জ", "அந்தமான் நிக்கோபார் தீவுகள்"),
    ),
    "AP": (*("Andhra Pradesh", "Andhra", "आन्ध्र प्रदेश", "आंध्र प्रदेश", "ఆంధ్ర ప్రదేశ్"),),
    "AR": ("Arunachal Pradesh", "Arunachal", "NEFA", "North-East Frontier Agency", "अरुणाचल प्रदेश"),
    "AS": ("Assam", "Asam", "Aasam", "Asom", "Axom", "असम", "आसाम", "অসম", "আসাম"),
    "BR": ("Bihar", "Behar", "Bihaar", "बिहार", "બિહાર", "বিহার"),
    "CG": (
        *("Chhattisgarh", "Chattisgarh", "Chhatisgarh", "Chatisgarh", "Chhattisgad", "Chattisgad", "Chhattisghar"),
        *("Chhattishgarh", "Chattishgarh", "छत्तीसगढ़", "छत्तीसगड"),
    ),
    "CH": ("Chandigarh", "Chandigad", "Chandighar", "Chandīgaṛh", "चण्डीगढ़", "चंडीगढ़", "ਚੰਡੀਗੜ੍ਹ"),
    "DH": (
        *(
            "Dadra and Nagar Haveli and Daman and Diu",
            "Dadra and Nagar Haveli",
            "Daman and Diu",
            "Daman",
            "Diu",
            "Dadra",
        ),
        *("DNHDD", "DNH and DD", "DNH", "D & NH", "D N Haveli", "Nagar Haveli", "दादरा और नगर हवेली और दमन और दीव"),
        *("दादरा और नगर हवेली", "दादर और नागर हवेली", "दमन और दीव", "દાદરા અને નગર હવેલી અને દમણ અને દીવ"),
        *("દાદરા અને નગર હવેલી", "દમણ અને દીવ", "દમણ", "દીવ"),
    ),
    "DL": (
        *(
            "Delhi",
            "New Delhi",
            "NCT of Delhi",
            "NCT",
            "NCT Delhi",
            "NCR Delhi",
            "Delhi NCR",
            "National Capital Territory of Delhi",
        ),
        *(
            "Dehli",
            "Dilli",
            "Delli",
            "Nai Dilli",
            "दिल्ली",
            "नई दिल्ली",
            "राष्ट्रीय राजधानी क्षेत्र दिल्ली",
            "દિલ્હી",
            "નવી દિલ્હી",
            "ਦਿੱਲੀ",
            "دہلی",
            "دلی",
        ),
    ),
    "GA": ("Goa", "Gova", "गोवा", "गोआ", "गोंय", "ગોવા"),
    "GJ": (
        *("Gujarat", "GJ", "Gujrat"),  # the description's
        *("Guj", "Gujarath", "Gujrath", "Gujaraat", "Gujraat", "Gujurat", "Gujerat", "Gujarāta", "Goudjerate"),
        *(
            "Gujart",
            "Gujara",
            "Gujarar",
            "Gujarst",
            "Gujarta",
            "Gujartat",
            "Gujaratt",
            "Gujararat",
            "Gujraj",
            "Gurjarat",
        ),
        *("Guajrat", "Guajarat", "Gujaray", "Gujatat", "Gijarat", "Hujarat", "Gugarat", "Gugrat", "Guzarat", "Guzrat"),
        *("ગુજરાત", "ગૂજરાત", "ગુજરાત્", "गुजरात", "गूजरात", "गुजराथ", "গুজরাট", "গুজৰাট", "ਗੁਜਰਾਤ", "ଗୁଜରାଟ", "ଗୁଜୁରାଟ"),
        *("குஜராத்", "గుజరాత్", "ಗುಜರಾತ್", "ಗುಜರಾತ", "ഗുജറാത്ത്", "ഗുജറാത്", "گجرات"),
    ),
    "HP": (
        *("Himachal Pradesh", "Himachal", "Himanchal Pradesh", "Himanchal", "Himachalpradesh", "हिमाचल प्रदेश"),
        *("हिमांचल प्रदेश", "ਹਿਮਾਚਲ ਪ੍ਰਦੇਸ਼"),
    ),
    "HR": ("Haryana", "Hariyana", "Haryna", "Harayana", "Hryana", "हरियाणा", "हरयाणा", "ਹਰਿਆਣਾ", "હરિયાણા"),
    "JH": ("Jharkhand", "Jharkand", "Jharkhnad", "Jharkhnd", "झारखण्ड", "झारखंड", "ঝাড়খণ্ড"),
    "JK": (
        *("Jammu and Kashmir", "Jammu", "Kashmir", "J & K", "J and K", "Jammu Kashmeer", "Cashmere", "जम्मू और कश्मीर"),
        *("जम्मू कश्मीर", "જમ્મુ કાશ્મીર", "જમ્મુ", "કાશ્મીર", "जम्मू", "कश्मीर", "جموں و کشمیر", "جموں", "کشمیر"),
    ),
    "KA": (
        *("Karnataka", "Karnatak", "Karnatka", "Karnatake", "Carnataka", "Karnatica", "Karanataka", "Mysore"),
        *("कर्नाटक", "कर्नाटका", "ಕರ್ನಾಟಕ", "કર્ણાટક", "கர்நாடகா", "కర్ణాటక"),
    ),
    "KL": ("Kerala", "Keralam", "Kerela", "Keralla", "Kerla", "Keral", "Kerele", "केरल", "केरळ", "കേരളം", "കേരള", "கேரளா"),
    "LA": ("Ladakh", "Ladhak", "Laddak", "लद्दाख", "लदाख", "લડાખ", "لداخ", "ལ་དྭགས"),
    "LD": (
        *("Lakshadweep", "Lakshadwip", "Lakshdweep", "Lakshadeep", "Laccadives", "Laccadive Islands"),
        *("Lakshadweep Islands", "Laccadive, Minicoy and Amindivi Islands", "लक्षद्वीप", "ലക്ഷദ്വീപ്"),
    ),
    "MH": (
        *(
            "Maharashtra",
            "Maharastra",
            "Maharashtara",
            "Maharshtra",
            "Maharasthra",
            "Maharastha",
            "Maharashtr",
            "Mharashtra",
        ),
        *("Maharasatra", "Maharshtara", "Maharashta", "महाराष्ट्र", "महाराष्ट", "મહારાષ્ટ્ર", "ಮಹಾರಾಷ್ಟ್ರ", "మహారాష్ట్ర"),
    ),
    "ML": ("Meghalaya", "Meghalay", "Meghalya", "Megalaya", "मेघालय", "মেঘালয়"),
    "MN": ("Manipur", "Manipore", "मणिपुर", "মণিপুর", "ꯃꯅꯤꯄꯨꯔ"),
    "MP": (
        *("Madhya Pradesh", "Madhyapradesh", "Madya Pradesh", "Madhy Pradesh", "Madhaya Pradesh"),
        *("मध्य प्रदेश", "મધ્ય પ્રદેશ"),
    ),
    "MZ": ("Mizoram", "Mizoran", "Mizo Hills", "मिज़ोरम", "મિઝોરમ", "મિઝોરામ", "मिजोराम"),
    "NL": ("Nagaland", "Naga Hills", "नागालैण्ड", "નાગાલેન્ડ", "નાગાલૅન્ડ", "नागालैंड", "नगालैंड"),
    "OR": (
        "Odisha",
        "Orissa",
        "Odissa",
        "Odisa",
        "Orrisa",
        "Udisha",
        "Utkal",
        "ओडिशा",
        "ओड़िशा",
        "ઓરિસ્સા",
        "उड़ीसा",
        "ଓଡ଼ିଶା",
        "ওড়িশা",
    ),
    "PB": ("Punjab", "Panjab", "Punjaab", "Punjap", "Punjb", "पंजाब", "पञ्जाब", "ਪੰਜਾਬ", "પંજાબ", "پنجاب"),
    "PY": (
        *("Puducherry", "Pondicherry", "Pondichery", "Pondy", "Pondichéry", "Puduchery", "Puduchcheri", "Pudhucherry"),
        *("Pudhuvai", "पुदुच्चेरी", "पुदुचेरी", "पुडुचेरी", "पांडिचेरी", "પોંડિચેરી", "புதுச்சேரி", "பாண்டிச்சேரி", "പുതുച്ചേരി"),
    ),
    "RJ": (
        *(
            "Rajasthan",
            "Rajastan",
            "Rajsthan",
            "Rajesthan",
            "Rajashthan",
            "Rajsthaan",
            "Rajasthn",
            "Rajathan",
            "Rajisthan",
            "Rajsathan",
            "Rajputana",
            "राजस्थान",
        ),
        *("राजस्थांन", "રાજસ્થાન", "ਰਾਜਸਥਾਨ"),
    ),
    "SK": ("Sikkim", "Sikkhim", "Sikim", "Sikkam", "सिक्किम", "सिक्कीम"),
    "TN": (
        *("Tamil Nadu", "Tamilnadu", "Tamilnad", "Tamil Nad", "Tamil Naidu", "Thamizhnadu", "Tamizh Nadu", "Madras"),
        *(
            "Tamil Nādu",
            "Tamilandu",
            "तमिल नाडु",
            "तमिलनाडू",
            "तमिळनाडू",
            "તમિલનાડુ",
            "તામિલનાડુ",
            "தமிழ்நாடு",
            "தமிழ் நாடு",
            "തമിഴ്നാട്",
            "ತಮಿಳುನಾಡು",
        ),
    ),
    "TR": ("Tripura", "Tippera", "Tripoora", "त्रिपुरा", "ত্রিপুরা"),
    "TS": (
        *("Telangana", "Telengana", "Telgana", "Telanagana", "Thelangana", "Telangna", "Tealangana", "Telungana"),
        *("तेलंगाना", "तेलंगणा", "तेलंगण", "તેલંગાણા", "తెలంగాణ", "తెలంగాణా", "تلنگانہ"),
    ),
    "UP": (
        *(
            "Uttar Pradesh",
            "Uttarpradesh",
            "Utter Pradesh",
            "Uttra Pradesh",
            "Utar Pradesh",
            "Uttar Pardesh",
            "UP East",
        ),
        *("UP West", "उत्तर प्रदेश", "उत्तरप्रदेश", "ઉત્તર પ્રદેશ", "ਉੱਤਰ ਪ੍ਰਦੇਸ਼", "اتر پردیش"),
    ),
    "UT": (
        *(
            "Uttarakhand",
            "Uttaranchal",
            "Uttrakhand",
            "Uttarkhand",
            "Uttrakhnad",
            "Utrakhand",
            "Uttrakand",
            "Uttranchal",
        ),
        *("उत्तराखण्ड", "उत्तराखंड", "उत्तरांचल"),
    ),
    "WB": (
        *("West Bengal", "Westbengal", "W Bengal", "Wes Bengal", "West Bangal", "West Bengol", "Bengal", "Bangla"),
        *("Paschim Banga", "Paschimbanga", "Paschim Bangal", "Paschimbongo", "पश्चिम बंगाल", "पश्चिमी बंगाल"),
        *("পশ্চিমবঙ্গ", "পশ্চিম বাংলা", "પશ્ચિમ બંગાળ"),
    ),
}
"""The names of each, the usual one first. What sounds alike, or is a letter off in a long one, is found without."""

_HINDI, _NONE = ("hi",), ()

SPOKEN: dict[str, tuple[str, ...]] = {
    "AN": _HINDI,
    "AP": ("te",),
    "AR": _HINDI,
    "AS": ("as", "bn", "hi"),
    "BR": _HINDI,
    "CG": _HINDI,
    "CH": _HINDI,
    "DH": ("gu", "hi"),
    "DL": _HINDI,
    "GA": ("mr", "hi"),
    "GJ": ("gu", "hi"),
    "HP": _HINDI,
    "HR": _HINDI,
    "JH": _HINDI,
    "JK": ("ur", "hi"),
    "KA": ("kn",),
    "KL": ("ml",),
    "LA": ("ur", "hi"),
    "LD": ("ml",),
    "MH": ("mr", "hi"),
    "ML": _NONE,
    "MN": _NONE,
    "MP": _HINDI,
    "MZ": _NONE,
    "NL": _NONE,
    "OR": ("or", "hi"),
    "PB": ("pa", "hi"),
    "PY": ("ta",),
    "RJ": _HINDI,
    "SK": ("hi",),
    "TN": ("ta",),
    "TR": ("bn", "hi"),
    "TS": ("te",),
    "UP": _HINDI,
    "UT": _HINDI,
    "WB": ("bn", "hi"),
}
"""What is spoken there, the best language for a call first. Hindi follows where most people understand it; where none
stands, English does better."""
