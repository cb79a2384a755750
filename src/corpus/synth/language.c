/*
 * language.c: the languages. Sentences are our own, of everyday things, so
 * that the words do not carry the emotion. Japanese is in kana, with spaces
 * between phrases, as espeak-ng reads it.
 *
 * The scales are those of the corpora that the two languages stand for:
 * 1..5 as in IEMOCAP, 1..7 as in UUDB. The rooms differ on purpose.
 */
#include "corpus/synth/language.h"

static const char *const ENGLISH_READ[] = {
    "The books are on the table in the other room",
    "She told him that the bus would be late again",
    "We are going to the station in about an hour",
    "There is a letter for you beside the telephone",
    "The water in the kettle has been boiling for a while",
    "They moved the meeting to the end of next week",
    "He left his coat on the chair near the window",
    "The train from the north arrives at half past nine",
    "My brother bought a new lamp for the kitchen",
    "All the shops in this street are open on Sunday",
    "I will put the keys back where I found them",
    "The children walked home through the park",
    "You can see the river from the top of the hill",
    "It has been raining since early this morning",
    "The doctor will call you later in the day",
    "Nobody has used that bicycle for many years",
    "The red box belongs to the people upstairs",
    "Our neighbours painted their front door green",
    "The last page of the paper is missing",
    "He wrote the number down on a piece of paper",
    NULL};

static const char *const ENGLISH_SPONTANEOUS[] = {
    "I was at the market and then I saw your sister there",
    "you know the place on the corner where they sell bread",
    "we could take the other road and stop for lunch",
    "I thought the door was open but it was not",
    "so then he asked me where the office was",
    "maybe we should bring the chairs inside before it rains",
    "I have no idea what he put in that bag",
    "they said it would take two days and it took a week",
    "we had the same teacher when we were at school",
    "I need to look at the map before we leave",
    "she wants to move the table to the other side",
    "it is the one with the blue cover I believe",
    "we went there by car and came back by train",
    "I am not sure which of the two he meant",
    "you can leave it with the man at the desk",
    "there was a long line in front of the building",
    "I told them about the picture on the second page",
    "he always takes the stairs instead of the lift",
    "first you turn left and then you go straight on",
    "I think the first panel comes before this one",
    NULL};

static const char *const ENGLISH_FILLERS[] = {"um", "er", "uh", "well", NULL};

static const char *const JAPANESE_READ[] = {
    "ほんは となりの へやの つくえの うえに あります",
    "つぎの でんしゃは くじはんに つきます",
    "てがみが でんわの よこに おいて あります",
    "あさから ずっと あめが ふって います",
    "こどもたちは こうえんを とおって かえりました",
    "あには だいどころの あたらしい でんきを かいました",
    "かいぎは らいしゅうの おわりに なりました",
    "かれは まどの そばの いすに うわぎを おきました",
    "おかの うえから かわが よく みえます",
    "この とおりの みせは にちようびも あいて います",
    "かぎは もとの ところに もどして おきます",
    "おゆが さっきから わいて います",
    "いしゃは あとで でんわを かけて きます",
    "あの じてんしゃは なんねんも つかって いません",
    "あかい はこは うえの かいの ひとの ものです",
    "しんぶんの さいごの ページが ありません",
    "となりの ひとは ドアを みどりに ぬりました",
    "かれは かみに ばんごうを かきました",
    "いちじかんぐらいで えきに いきます",
    "バスは また おくれると いって いました",
    NULL};

static const char *const JAPANESE_SPONTANEOUS[] = {
    "いちばへ いったら あなたの いもうとが いたんです",
    "かどの ところの パンを うって いる みせです",
    "べつの みちから いって おひるに しましょう",
    "あいて いると おもったら しまって いました",
    "それで じむしょは どこかと きかれました",
    "あめの まえに いすを なかに いれた ほうが いいです",
    "あの かばんに なにを いれたのか わかりません",
    "ふつかと いったのに いっしゅうかん かかりました",
    "がっこうの ときは おなじ せんせいでした",
    "でる まえに ちずを みて おきたいです",
    "つくえを はんたいがわに うつしたいそうです",
    "たしか あおい ひょうしの ほうだと おもいます",
    "くるまで いって でんしゃで かえって きました",
    "どちらの ことを いったのか わかりません",
    "うけつけの ひとに あずければ いいです",
    "たてものの まえに ながい れつが ありました",
    "にページめの えの ことを はなしました",
    "かれは いつも かいだんを つかいます",
    "まず ひだりに まがって それから まっすぐです",
    "この こまの まえが さいしょだと おもいます",
    NULL};

static const char *const JAPANESE_FILLERS[] = {"ええと", "あのう", "ええ",
                                               "まあ", NULL};

const kj__synth_language KJ__SYNTH_LANGUAGES[] = {
    {.code = "en",
     .corpus = "synth-en",
     .scale_high = 5,
     .first_voice = 0,
     .read = ENGLISH_READ,
     .spontaneous = ENGLISH_SPONTANEOUS,
     .fillers = ENGLISH_FILLERS,
     .comma = ", ",
     .stop = ".",
     .room = {.gain_db = 0,
              .lowpass_hz = 0,
              .reverberation_s = 0,
              .noise_db = -64}},
    {.code = "ja",
     .corpus = "synth-ja",
     .scale_high = 7,
     .first_voice = 1,
     .read = JAPANESE_READ,
     .spontaneous = JAPANESE_SPONTANEOUS,
     .fillers = JAPANESE_FILLERS,
     .comma = "、",
     .stop = "。",
     .written = "は",
     .spoken = "わ",
     .room = {.gain_db = -1.5,
              .lowpass_hz = 5500,
              .reverberation_s = 0.12,
              .noise_db = -63}},
};

const size_t KJ__SYNTH_N_LANGUAGES =
    sizeof KJ__SYNTH_LANGUAGES / sizeof KJ__SYNTH_LANGUAGES[0];
