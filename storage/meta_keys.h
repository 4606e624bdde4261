// The keys of the meta family. Internal to storage/; listed in docs/storage-format.md, "Meta".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/byte_order.h"
#include "storage/log_block.h"

namespace tagswell {

inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kFormat = "tagswell 3";
inline constexpr std::string_view kSaltKey = "salt";
inline constexpr std::string_view kEpochKey = "epoch";

inline constexpr std::string_view kLogStartKey = "log_start";          // -> LogStart
inline constexpr std::string_view kHistoryStartKey = "history_start";  // -> u32 hour, big endian: those before are gone
inline constexpr std::string_view kEventsStartKey =
    "events_start";  // -> u64 seq, big endian, of the oldest that is kept
inline constexpr std::string_view kEventsListedKey =
    "events_in_lists";  // -> u64 seq, big endian: events up to it stand under their topic, scope and type
inline constexpr std::string_view kBoardsStartKey =
    "boards_start";  // -> u32 minute, big endian: boards before are gone

inline constexpr char kRetractedPrefix = 'R';  // + position of the post -> block of its retraction, or nothing
inline constexpr char kErasePrefix = 'E';      // + position of the retraction -> position of the post

inline constexpr char kAliasPrefix = 'A';       // + block -> nothing: the block changes aliases
inline constexpr char kOperationsPrefix = 'K';  // + block -> the block: of control records, from before the log's start
inline constexpr char kWebhookPrefix = 'W';     // + name -> where it goes
inline constexpr char kWebhookCursorPrefix = 'C';  // + name -> how far it has come
inline constexpr char kDeadLetterPrefix = 'D';     // + name, NUL, number of the event -> why it was given up
inline constexpr char kRemovalPrefix = 'P';     // + source, NUL, author -> blocks to look through, see AuthorRemovals
inline constexpr char kTopicEventPrefix = 'T';  // + topic, NUL, u64 seq of one of its events -> nothing
inline constexpr char kScopeEventPrefix = 'S';  // + scope, NUL, u64 seq of one of its events -> nothing
inline constexpr char kTypeEventPrefix = 'Y';   // + type, NUL, u64 seq of one of its events -> nothing
inline constexpr char kAuditPrefix = 'L';       // + number -> entry of the audit log
inline constexpr char kFaspPrefix = 'F';        // + name of a fediverse server -> what it registered with

inline void AppendPosition(Position position, std::string& out) {
  AppendBig(static_cast<std::uint64_t>(position.block), out);
  AppendBig(position.index, out);
}
inline constexpr std::size_t kPositionBytes = 12;

// `bytes` must hold kPositionBytes.
inline Position LoadPosition(std::string_view bytes) {
  return {.block = BlockSeq{LoadBig<std::uint64_t>(bytes)}, .index = LoadBig<std::uint32_t>(bytes.substr(8))};
}

inline std::string PositionKey(char prefix, Position position) {
  std::string key(1, prefix);
  AppendPosition(position, key);
  return key;
}

inline std::string BlockKey(BlockSeq seq) {
  std::string key;
  AppendBig(static_cast<std::uint64_t>(seq), key);
  return key;
}

}  // namespace tagswell
