#include "storage/board_log.h"

#include <rocksdb/iterator.h>

#include <memory>
#include <string>

#include "proto/alias_groups.h"
#include "storage/byte_order.h"
#include "storage/database.h"
#include "storage/meta_keys.h"

namespace tagswell {
namespace {

constexpr char kBoard = 'b';
constexpr char kRetraction = 'r';
constexpr std::string_view kUntil = "until";  // the newest minute with a board

// Scopes and topics hold no NUL.
std::string Prefix(char kind, std::string_view name) {
  std::string key(1, kind);
  key += name;
  key += '\0';
  return key;
}

void AppendMinute(Minute minute, std::string& key) {
  AppendBig(static_cast<std::uint32_t>(static_cast<int>(minute)), key);
}

std::string BoardKey(std::string_view scope, Minute at) {
  std::string key = Prefix(kBoard, scope);
  AppendMinute(at, key);
  return key;
}

std::string TakenBackPrefix(std::string_view scope, std::string_view topic) {
  std::string key = Prefix(kRetraction, scope);
  key += topic;
  key += '\0';
  return key;
}

std::string_view AsView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

}  // namespace

bool BoardLog::IsBoard(std::string_view key) {
  return key.starts_with(kBoard);
}

std::optional<std::uint32_t> BoardLog::MinuteOfKey(std::string_view key) {
  if (!key.starts_with(kBoard) && !key.starts_with(kRetraction)) return std::nullopt;
  const std::size_t behind = key.starts_with(kRetraction) ? kPositionBytes : 0;
  if (key.size() < sizeof(std::uint32_t) + behind) return std::nullopt;
  return LoadBig<std::uint32_t>(key.substr(key.size() - sizeof(std::uint32_t) - behind));
}

std::expected<void, Error> BoardLog::Open() {
  const auto start = database_.Get(Family::kMeta, kBoardsStartKey);
  if (!start) return std::unexpected(start.error());
  if (*start && (*start)->size() != sizeof(std::uint32_t)) {
    return std::unexpected(Error{.code = "corrupt_board", .detail = "the oldest minute with a board is no minute"});
  }
  if (*start) database_.dropped().minute = LoadBig<std::uint32_t>(**start);
  const auto until = database_.Get(Family::kBoards, kUntil);
  if (!until) return std::unexpected(until.error());
  if (!*until) return {};
  if ((*until)->size() != sizeof(std::uint32_t)) {
    return std::unexpected(Error{.code = "corrupt_board", .detail = "the newest minute with a board is no minute"});
  }
  stored_until_ = Minute{static_cast<std::int32_t>(LoadBig<std::uint32_t>(**until))};
  return {};
}

void BoardLog::Add(std::string_view scope, Minute at, std::span<const TrendRow> rows) {
  if (at <= stored_until_) return;
  std::string until;
  AppendMinute(at, until);
  batch_.Put(database_.family(Family::kBoards), rocksdb::Slice(kUntil.data(), kUntil.size()), until);
  batch_.Put(database_.family(Family::kBoards), BoardKey(scope, at), EncodeBoard(rows));
}

void BoardLog::AddTakenBack(const Post& post, Minute shown, Position retraction) {
  std::string value;
  AppendMinute(shown, value);
  for (const std::string& scope : ScopeNames(post)) {
    for (const Mention& mention : post.mentions) {
      std::string key = TakenBackPrefix(scope, ShownTopic(mention.topic));
      AppendMinute(MinuteOf(post.created_at), key);
      AppendBig(static_cast<std::uint64_t>(retraction.block), key);
      AppendBig(retraction.index, key);
      batch_.Put(database_.family(Family::kBoards), key, value);
    }
  }
}

std::expected<void, Error> BoardLog::Write() {
  if (!pending()) return {};
  auto written = database_.Write(batch_, /*sync=*/false);
  if (written) batch_.Clear();
  return written;
}

std::expected<bool, Error> BoardLog::DropBefore(Minute before) {
  if (before <= Start()) return false;
  std::string start;
  AppendMinute(before, start);
  rocksdb::WriteBatch batch;
  batch.Put(database_.family(Family::kMeta), rocksdb::Slice(kBoardsStartKey.data(), kBoardsStartKey.size()), start);
  if (auto written = database_.Write(batch, /*sync=*/true); !written) return std::unexpected(written.error());
  database_.dropped().minute = LoadBig<std::uint32_t>(start);
  return true;
}

Minute BoardLog::Start() const {
  return Minute{static_cast<std::int32_t>(database_.dropped().minute.load())};
}

std::expected<std::vector<TrendRow>, Error> BoardLog::At(std::string_view scope, Minute at) const {
  if (at < Start()) return std::vector<TrendRow>();
  const auto bytes = database_.Get(Family::kBoards, BoardKey(scope, at));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::vector<TrendRow>();
  return DecodeBoard(**bytes, scope);
}

std::expected<std::uint64_t, Error> BoardLog::TakenBackSince(std::string_view scope, std::string_view topic,
                                                             Minute from, Minute at) const {
  const std::string prefix = TakenBackPrefix(scope, topic);
  std::string first = prefix;
  AppendMinute(from, first);
  std::string end = prefix;
  AppendMinute(at, end);
  std::string shown;
  AppendMinute(at, shown);
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kBoards)));
  std::uint64_t posts = 0;
  for (it->Seek(first); it->Valid() && AsView(it->key()) < end; it->Next()) posts += AsView(it->value()) >= shown;
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return posts;
}

}  // namespace tagswell
