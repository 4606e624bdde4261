#include "server/synth/vocabulary.h"

#include <algorithm>
#include <array>

namespace tagswell {
namespace {

using Words = std::span<const std::string_view>;

// A sentence takes one entry of each part, joined by spaces.
struct Parts {
  Words opening;
  Words middle;
  Words close;
};

struct Language {
  std::string_view code;
  std::string_view morning;
  Words tags;
  Parts everyday;
  Parts testimony;
};

// clang-format off
constexpr std::array<std::string_view, 40> kTagsEn = {
  "music", "news", "love", "photography", "football", "job", "travel", "food", "nowplaying", "giveaway", "fitness", "art",
  "weather", "traffic", "tech", "business", "fashion", "cooking", "coffee", "nature", "gaming", "movies", "books",
  "quote", "motivation", "startup", "baseball", "health", "dogs", "cats", "running", "gardening", "sunset", "autumn",
  "education", "marketing", "recipe", "podcast", "trivia", "knitting"};
constexpr std::array<std::string_view, 12> kTagsFr = {
  "musique", "actu", "emploi", "cuisine", "Ligue1", "Paris", "photo", "cinéma", "météo", "livre", "automne", "vélo"};
constexpr std::array<std::string_view, 12> kTagsEs = {
  "música", "noticias", "fútbol", "amor", "empleo", "cocina", "México", "Madrid", "libros", "cine", "clima", "LaLiga"};
constexpr std::array<std::string_view, 9> kTagsDe = {
  "Musik", "Nachrichten", "Bundesliga", "Wetter", "Tatort", "Berlin", "Rezept", "Fußball", "Kaffee"};
constexpr std::array<std::string_view, 9> kTagsPt = {
  "música", "notícias", "futebol", "amor", "Brasil", "trabalho", "novela", "praia", "receita"};
constexpr std::array<std::string_view, 8> kTagsJa = {"音楽", "ニュース", "写真", "アニメ", "猫", "ランチ", "野球", "天気"};
constexpr std::array<std::string_view, 7> kTagsIt = {"musica", "notizie", "SerieA", "cucina", "Roma", "meteo", "cinema"};
constexpr std::array<std::string_view, 6> kTagsAr = {"اخبار", "رياضة", "مصر", "صباح", "موسيقى", "قهوة"};
constexpr std::array<std::string_view, 6> kTagsHi = {"समाचार", "क्रिकेट", "संगीत", "भारत", "मौसम", "चाय"};

constexpr std::array<std::string_view, 12> kEnOpening = {
  "Finally got around to", "Spent the evening on", "Can anyone recommend", "Still thinking about", "So happy with",
  "Not sure what to make of", "A whole day of", "Nothing beats", "Trying out", "Back home after", "My sister swears by",
  "Quick question about"};
constexpr std::array<std::string_view, 14> kEnMiddle = {
  "the new bakery by the station", "this playlist", "a long walk along the river", "the second half of that match",
  "fresh bread and butter", "the photos from last weekend", "that chapter everyone talks about", "an early train",
  "fixing the old bike", "the market on the square", "a rainy afternoon indoors", "the garden before winter",
  "learning three new chords", "soup for six people"};
constexpr std::array<std::string_view, 12> kEnClose = {
  "and I regret nothing", "- more tomorrow", "with the kids", "before the rain came", "as every year", "thanks to a friend",
  "and now it is late", "for the first time in months", "instead of sleeping", "and the neighbours joined in",
  "while the cat watched", "in one go"};
constexpr std::array<std::string_view, 6> kFrOpening = {
  "Enfin terminé", "Toute la soirée avec", "Qui connaît", "Je pense encore à", "Ravie de", "Retour après"};
constexpr std::array<std::string_view, 7> kFrMiddle = {
  "le marché du matin", "cette chanson", "une longue balade", "le match d'hier", "du pain frais", "les photos du week-end",
  "le train de six heures"};
constexpr std::array<std::string_view, 5> kFrClose = {
  "et tant pis pour la pluie", "avec les enfants", "comme chaque année", "grâce à une amie", "avant l'hiver"};
constexpr std::array<std::string_view, 6> kEsOpening = {
  "Por fin terminé", "Toda la tarde con", "Alguien conoce", "Sigo pensando en", "Qué alegría", "De vuelta de"};
constexpr std::array<std::string_view, 6> kEsMiddle = {
  "el mercado de la plaza", "esta canción", "un paseo largo", "el partido de ayer", "pan recién hecho", "las fotos del sábado"};
constexpr std::array<std::string_view, 5> kEsClose = {
  "y no me arrepiento", "con los niños", "como cada año", "gracias a un amigo", "antes de la lluvia"};
constexpr std::array<std::string_view, 5> kDeOpening = {"Endlich fertig:", "Den ganzen Abend", "Wer kennt", "Immer noch", "Zurück von"};
constexpr std::array<std::string_view, 5> kDeMiddle = {
  "der Markt am Bahnhof", "dieses Lied", "ein langer Spaziergang", "das Spiel von gestern", "frisches Brot"};
constexpr std::array<std::string_view, 4> kDeClose = {"und es war gut", "mit den Kindern", "wie jedes Jahr", "vor dem Regen"};
constexpr std::array<std::string_view, 5> kPtOpening = {"Finalmente acabei", "A noite toda com", "Alguém conhece", "Ainda penso em", "De volta de"};
constexpr std::array<std::string_view, 5> kPtMiddle = {"a feira da praça", "essa canção", "uma longa caminhada", "o jogo de ontem", "pão fresco"};
constexpr std::array<std::string_view, 4> kPtClose = {"e não me arrependo", "com as crianças", "como todo ano", "antes da chuva"};
constexpr std::array<std::string_view, 5> kJaOpening = {"やっと", "今日も", "昨日の", "久しぶりの", "朝から"};
constexpr std::array<std::string_view, 5> kJaMiddle = {"散歩", "パン屋", "試合", "写真の整理", "早起き"};
constexpr std::array<std::string_view, 4> kJaClose = {"楽しかった。", "また明日。", "友達と一緒に。", "雨の前に。"};
constexpr std::array<std::string_view, 5> kItOpening = {"Finalmente finito", "Tutta la sera con", "Qualcuno conosce", "Penso ancora a", "Di ritorno da"};
constexpr std::array<std::string_view, 5> kItMiddle = {"il mercato in piazza", "questa canzone", "una lunga passeggiata", "la partita di ieri", "il pane fresco"};
constexpr std::array<std::string_view, 4> kItClose = {"e va bene così", "con i bambini", "come ogni anno", "prima della pioggia"};
constexpr std::array<std::string_view, 4> kArOpening = {"اليوم", "أخيرا", "ما زلت أفكر في", "عدت من"};
constexpr std::array<std::string_view, 4> kArMiddle = {"السوق", "هذه الأغنية", "مباراة الأمس", "نزهة طويلة"};
constexpr std::array<std::string_view, 4> kArClose = {"مع الأصدقاء", "قبل المطر", "كالعادة", "وكان يوما جميلا"};
constexpr std::array<std::string_view, 4> kHiOpening = {"आज", "आखिरकार", "कल की", "सुबह से"};
constexpr std::array<std::string_view, 4> kHiMiddle = {"बाज़ार की सैर", "यह गाना", "क्रिकेट का मैच", "गरम चाय"};
constexpr std::array<std::string_view, 4> kHiClose = {"दोस्तों के साथ", "बारिश से पहले", "हर साल की तरह", "बहुत अच्छा लगा"};

constexpr std::array<std::string_view, 12> kEnSayOpening = {
  "It took me years to say this.", "At my first job.", "I was nineteen.", "Reading every answer tonight.", "On the bus, in daylight.",
  "More than once.", "I never told my family.", "By someone everybody trusted.", "For my friends who cannot say it yet.",
  "I thought I was alone.", "A teacher, long ago.", "Not only me, almost every woman I know."};
constexpr std::array<std::string_view, 12> kEnSayMiddle = {
  "I kept quiet because nobody asked.", "He still works there.", "People laughed when I complained.", "I changed offices instead.",
  "I believe every one of you.", "It was never my fault.", "I still cross the street.", "The list is long.",
  "We were told to be polite.", "I left and said nothing.", "I hope my daughter never writes this.", "Thank you for asking."};
constexpr std::array<std::string_view, 10> kEnSayClose = {
  "You are not alone.", "Enough.", "Now you know.", "We see you.", "That is all I can write today.", "Let them count us.",
  "I am done being quiet.", "Standing with all of you.", "So many of us.", "Please listen."};
constexpr std::array<std::string_view, 7> kFrSayOpening = {
  "Dans le métro, un matin.", "Mon premier stage.", "J'avais vingt ans.", "Un chef que tout le monde aimait.",
  "Pendant une réunion.", "Je ne l'ai jamais dit.", "Plus d'une fois."};
constexpr std::array<std::string_view, 7> kFrSayMiddle = {
  "On m'a dit de sourire.", "Personne n'a rien fait.", "J'ai changé de service.", "Il y travaille toujours.",
  "J'ai gardé le silence.", "Les collègues ont ri.", "La honte doit changer de camp."};
constexpr std::array<std::string_view, 5> kFrSayClose = {
  "Ça suffit.", "On vous croit.", "Maintenant vous savez.", "Nous sommes nombreuses.", "Merci à celles qui parlent."};
constexpr std::array<std::string_view, 5> kEsSayOpening = {
  "En mi primer trabajo.", "Tenía dieciocho años.", "En el autobús.", "Nunca lo conté.", "Más de una vez."};
constexpr std::array<std::string_view, 5> kEsSayMiddle = {
  "Nadie hizo nada.", "Me callé por miedo.", "Él sigue allí.", "Se rieron de mí.", "No fue mi culpa."};
constexpr std::array<std::string_view, 4> kEsSayClose = {"Basta.", "Somos muchas.", "Te creo.", "Ya no me callo."};
constexpr std::array<std::string_view, 4> kDeSayOpening = {"In der ersten Stelle.", "Mit siebzehn.", "Im Zug.", "Nie erzählt."};
constexpr std::array<std::string_view, 4> kDeSayMiddle = {"Niemand half.", "Alle lachten.", "Ich ging und schwieg.", "Er ist noch da."};
constexpr std::array<std::string_view, 4> kDeSayClose = {"Es reicht.", "Wir sind viele.", "Ich glaube euch.", "Jetzt wisst ihr es."};

constexpr Parts kEnSay = {kEnSayOpening, kEnSayMiddle, kEnSayClose};
constexpr std::array<Language, 9> kLanguages = {{
  {"en", "GoodMorning", kTagsEn, {kEnOpening, kEnMiddle, kEnClose}, kEnSay},
  {"fr", "Bonjour", kTagsFr, {kFrOpening, kFrMiddle, kFrClose}, {kFrSayOpening, kFrSayMiddle, kFrSayClose}},
  {"es", "BuenosDías", kTagsEs, {kEsOpening, kEsMiddle, kEsClose}, {kEsSayOpening, kEsSayMiddle, kEsSayClose}},
  {"de", "GutenMorgen", kTagsDe, {kDeOpening, kDeMiddle, kDeClose}, {kDeSayOpening, kDeSayMiddle, kDeSayClose}},
  {"pt", "BomDia", kTagsPt, {kPtOpening, kPtMiddle, kPtClose}, kEnSay},
  {"ja", "おはよう", kTagsJa, {kJaOpening, kJaMiddle, kJaClose}, kEnSay},
  {"it", "Buongiorno", kTagsIt, {kItOpening, kItMiddle, kItClose}, kEnSay},
  {"ar", "صباح_الخير", kTagsAr, {kArOpening, kArMiddle, kArClose}, kEnSay},
  {"hi", "सुप्रभात", kTagsHi, {kHiOpening, kHiMiddle, kHiClose}, kEnSay},
}};

constexpr std::array<std::string_view, 24> kNames = {
  "ada", "amir", "bea", "carlos", "chloe", "dana", "eli", "fatima", "greta", "hana", "ines", "jonas",
  "kai", "lena", "marta", "nadia", "omar", "paula", "quinn", "rosa", "sofia", "tom", "uma", "yuki"};
constexpr std::array<std::string_view, 24> kNouns = {
  "brook", "cedar", "cloud", "ember", "fern", "field", "finch", "grove", "harbor", "hill", "iris", "lake",
  "maple", "meadow", "moss", "north", "otter", "pine", "quill", "ridge", "river", "stone", "willow", "wren"};
// clang-format on

const Language& Find(std::string_view lang) {
  const auto found = std::ranges::find(kLanguages, lang, &Language::code);
  return found == kLanguages.end() ? kLanguages.front() : *found;
}

std::string_view Pick(Words words, Random& random) {
  return words[random.Below(words.size())];
}

}  // namespace

std::string Sentence(std::string_view lang, Theme theme, Random& random) {
  const Language& language = Find(lang);
  const Parts& parts = theme == Theme::kEveryday ? language.everyday : language.testimony;
  std::string text(Pick(parts.opening, random));
  text += ' ';
  text += Pick(parts.middle, random);
  text += ' ';
  text += Pick(parts.close, random);
  return text;
}

std::span<const std::string_view> EverydayTags(std::string_view lang) {
  return Find(lang).tags;
}

std::string_view MorningTag(std::string_view lang) {
  return Find(lang).morning;
}

std::string AuthorName(std::string_view population, std::uint64_t n) {
  std::string name(kNames[n % kNames.size()]);
  name += '_';
  name += kNouns[n / kNames.size() % kNouns.size()];
  name += '_';
  name += population;
  name += std::to_string(n / (kNames.size() * kNouns.size()));
  return name;
}

}  // namespace tagswell
