//! Names of people, firms and places that do not exist, in more than one script, put together from syllables.

use crate::dice::Dice;

const GIVEN: [&str; 40] = [
    "Aurelise",
    "Brannoc",
    "Céliane",
    "Dovran",
    "Eskilde",
    "Fenwyn",
    "Ginevre",
    "Haldric",
    "Ílvara",
    "Joruna",
    "Kestrin",
    "Łucjana",
    "Maëlise",
    "Nerida",
    "Ørjane",
    "Pellam",
    "Quenby",
    "Rúnhild",
    "Sæunn",
    "Tavish",
    "Ulrika",
    "Vesper",
    "Wystan",
    "Xiomena",
    "Yorick",
    "Zdravka",
    "Ansgard",
    "Běla",
    "Çiçela",
    "Đuro",
    "Élodine",
    "Françette",
    "Ğüliz",
    "Hōka",
    "Iñaka",
    "Jürgal",
    "Kōtarō",
    "Ljubka",
    "Mirelle",
    "Nguyệt",
];

const FAMILY_START: [&str; 30] = [
    "Tor", "Vel", "Ash", "Bryn", "Cald", "Dren", "Ester", "Fjel", "Gro", "Hart", "Isk", "Jarr", "Kö", "Lind", "Mar", "Nov", "Øst", "Pra",
    "Quill", "Rav", "Sør", "Thal", "Ulv", "Ves", "Wyn", "Xan", "Yar", "Žel", "Ård", "Èst",
];
const FAMILY_END: [&str; 24] = [
    "vane", "marsh", "ović", "sdóttir", "wicz", "holm", "ström", "ena", "iglio", "arro", "bekk", "thorne", "ünal", "quist", "dahl", "mere",
    "nès", "oru", "palme", "roux", "ski", "tveit", "uchi", "wold",
];

const FIRM_START: [&str; 36] = [
    "Velm", "Quor", "Nimb", "Halv", "Tess", "Orr", "Bryll", "Caer", "Drav", "Ember", "Fjord", "Glimm", "Hex", "Iov", "Jask", "Kyr", "Lum",
    "Mirr", "Nór", "Øyst", "Pylon", "Quill", "Rhô", "Syl", "Thrum", "Umb", "Vant", "Wyv", "Xyl", "Yll", "Zeph", "Łąk", "Šum", "Ñand",
    "Åsk", "Čap",
];
const FIRM_MIDDLE: [&str; 24] = [
    "ora", "iva", "ane", "élo", "umo", "yra", "enti", "asko", "ildo", "öre", "ada", "ique", "osta", "undi", "ello", "eria", "iska", "otti",
    "ance", "ebra", "inda", "ugo", "yx", "ava",
];
const FIRM_END: [&str; 28] = [
    "Works",
    "Foods",
    "Logistics",
    "& Daughters",
    "Instruments",
    "Labs",
    "Textiles",
    "Marine",
    "Holding",
    "Optics",
    "Paper",
    "Group",
    "Timber",
    "Clinics",
    "Energy",
    "Ceramics",
    "Press",
    "Rail",
    "Robotics",
    "Seeds",
    "Studios",
    "Tools",
    "Water",
    "Yachts",
    "oy",
    "GmbH",
    "S.à r.l.",
    "a.s.",
];
/// Some firms write their names in characters.
const FIRM_HAN: [&str; 12] = ["云", "川", "岚", "曜", "泽", "穹", "衡", "澜", "砺", "霁", "珩", "屿"];
const FIRM_HAN_END: [&str; 6] = ["科技", "实业", "物流", "食品", "仪器", "纸业"];

const TOPICS: [&str; 12] = [
    "Delivery incomplete",
    "Cannot sign in",
    "Invoice differs from order",
    "Device stops after an hour",
    "How to add a user",
    "Please send a quote",
    "Noise after the update",
    "Refund not received",
    "Request for training",
    "Wrong colour – très déçu",
    "Report shows yesterday's figures",
    "无法导出报表",
];
const REMARKS: [&str; 8] = [
    "Quick and friendly.",
    "Took too long.",
    "Had to explain it three times.",
    "Excellent, merci!",
    "Solved, but nobody called back.",
    "As expected.",
    "很满意",
    "Not again, please.",
];

pub fn person(dice: &mut Dice) -> String {
    [dice.pick(&GIVEN), " ", dice.pick(&FAMILY_START), dice.pick(&FAMILY_END)].concat()
}

pub fn firm(dice: &mut Dice) -> String {
    if dice.chance(40) {
        return [dice.pick(&FIRM_HAN), dice.pick(&FIRM_HAN), dice.pick(&FIRM_HAN_END)].concat();
    }
    [dice.pick(&FIRM_START), dice.pick(&FIRM_MIDDLE), " ", dice.pick(&FIRM_END)].concat()
}

pub fn topic(dice: &mut Dice) -> &'static str {
    dice.pick(&TOPICS)
}

pub fn remark(dice: &mut Dice) -> &'static str {
    dice.pick(&REMARKS)
}
