// The bits of a record, for those who write, read or cut records: proto/post_codec and the storage of blocks. The bytes
// around them are described in docs/storage-format.md, "Records".
#pragma once

namespace tagswell::record_layout {

// Head byte: bits 0-1 RecordKind, bits 2-3 PostKind.
inline constexpr unsigned kKindMask = 3;
inline constexpr unsigned kPostKindShift = 2;
inline constexpr unsigned kBot = 0x10;
inline constexpr unsigned kWholeSeconds = 0x20;  // created_at is stored in seconds, not in milliseconds
inline constexpr unsigned kGoneText = 0x40;      // of a kRetraction: the text of the post that goes follows
inline constexpr unsigned kHeadUnused = 0x80;

// Head byte of a kControl record: what it is about. Its second byte is 0: no field of a post follows.
inline constexpr unsigned kAboutAlias = 0x04;
inline constexpr unsigned kAboutReview = 0x08;  // with neither of them about a block
inline constexpr unsigned kLifted = 0x10;
inline constexpr unsigned kConfigured = 0x20;
inline constexpr unsigned kControlUnused = 0xC0;

// Second byte: which optional fields follow.
inline constexpr unsigned kLang = 0x01;
inline constexpr unsigned kCountry = 0x02;
inline constexpr unsigned kInReplyTo = 0x04;
inline constexpr unsigned kRepostOf = 0x08;
inline constexpr unsigned kFollowers = 0x10;
inline constexpr unsigned kAuthorCreatedAt = 0x20;
inline constexpr unsigned kMentions = 0x40;
inline constexpr unsigned kFieldsUnused = 0x80;

// The low bits of a mention's first number.
inline constexpr unsigned kByPhrase = 1;
inline constexpr unsigned kSpellingInline = 2;  // the number holds the spelling's length, else its offset in the text
inline constexpr unsigned kOwnTopic = 4;        // the topic follows; else it is the spelling, byte for byte
inline constexpr unsigned kMentionShift = 3;

}  // namespace tagswell::record_layout
