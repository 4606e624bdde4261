#include "storage/event_log.h"

#include <rocksdb/iterator.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <ranges>

#include "storage/byte_order.h"
#include "storage/database.h"
#include "storage/meta_keys.h"

namespace tagswell {
namespace {

std::string EventKey(std::uint64_t seq) {
  std::string key;
  AppendBig(seq, key);
  return key;
}

std::uint64_t SeqOf(rocksdb::Slice key) {
  return key.size() == sizeof(std::uint64_t) ? LoadBig<std::uint64_t>({key.data(), key.size()}) : 0;
}

constexpr std::size_t kPage = 1'000;

// What the keys of the events of one topic, one scope or one type begin with.
std::string ListOf(char kind, std::string_view name) {
  std::string key(1, kind);
  key.append(name);
  key.push_back('\0');
  return key;
}

// Calls visit(key) for each key that the event is listed under.
template <class Visit>
void EachListKey(const TrendEvent& event, Visit visit) {
  visit(ListOf(kTopicEventPrefix, event.topic) + EventKey(event.seq));
  visit(ListOf(kScopeEventPrefix, event.scope) + EventKey(event.seq));
  visit(ListOf(kTypeEventPrefix, Name(event.type)) + EventKey(event.seq));
}

void List(const TrendEvent& event, rocksdb::ColumnFamilyHandle* meta, rocksdb::WriteBatch& batch) {
  EachListKey(event, [&](const std::string& key) { batch.Put(meta, key, rocksdb::Slice()); });
}

rocksdb::Slice SliceOf(std::string_view text) {
  return {text.data(), text.size()};
}

// The events that stand in any of some lists, in order.
class EventLists {
 public:
  void Add(Database& database, std::string list) {
    auto it = std::unique_ptr<rocksdb::Iterator>(
        database.db().NewIterator(rocksdb::ReadOptions(), database.family(Family::kMeta)));
    lists_.push_back({.list = std::move(list), .it = std::move(it)});
  }

  // The first one at or behind `seq`, which never goes back; nothing when there is none.
  std::expected<std::optional<std::uint64_t>, Error> From(std::uint64_t seq) {
    std::optional<std::uint64_t> first;
    for (List& of : lists_) {
      if (of.at < seq && !of.ended) {
        if (auto moved = Move(of, seq); !moved) return std::unexpected(moved.error());
      }
      if (!of.ended && (!first || of.at < *first)) first = of.at;
    }
    return first;
  }

 private:
  struct List {
    std::string list;
    std::unique_ptr<rocksdb::Iterator> it;
    std::uint64_t at = 0;  // 0: not looked at yet
    bool ended = false;
  };

  static std::expected<void, Error> Move(List& of, std::uint64_t seq) {
    if (of.at > 0) {  // often it is the next one
      of.it->Next();
      Look(of);
    }
    if (of.at < seq && !of.ended) {
      of.it->Seek(of.list + EventKey(seq));
      Look(of);
    }
    if (!of.it->status().ok()) return std::unexpected(StorageError(of.it->status()));
    return {};
  }

  static void Look(List& of) {
    of.ended = !of.it->Valid() || !of.it->key().starts_with(of.list);
    if (of.ended) return;
    rocksdb::Slice key = of.it->key();
    key.remove_prefix(of.list.size());
    of.at = SeqOf(key);
  }

  std::vector<List> lists_;
};

}  // namespace

EventLog::EventLog(Database& database) : database_(database) {}

std::expected<void, Error> EventLog::Open() {
  const auto start = database_.Get(Family::kMeta, kEventsStartKey);
  if (!start) return std::unexpected(start.error());
  if (*start && (*start)->size() != sizeof(std::uint64_t)) {
    return std::unexpected(Error{.code = "storage_failed", .detail = "where the events begin is damaged"});
  }
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kEvents)));
  it->Seek(EventKey(*start ? LoadBig<std::uint64_t>(**start) : 0));
  if (it->Valid()) oldest_ = SeqOf(it->key());
  it->SeekToLast();
  if (it->Valid()) last_ = SeqOf(it->key());
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return ListOlder();
}

std::expected<void, Error> EventLog::ListOlder() {
  const auto listed = database_.Get(Family::kMeta, kEventsListedKey);
  if (!listed) return std::unexpected(listed.error());
  std::uint64_t done = *listed ? SeqOf(**listed) : 0;
  while (done < last_) {
    const auto events = Read(done, kPage);
    if (!events) return std::unexpected(events.error());
    if (events->empty()) break;
    rocksdb::WriteBatch batch;
    for (const TrendEvent& event : *events) List(event, database_.family(Family::kMeta), batch);
    done = events->back().seq;
    batch.Put(database_.family(Family::kMeta), SliceOf(kEventsListedKey), EventKey(done));
    if (auto written = database_.Write(batch, /*sync=*/false); !written) return written;
  }
  return {};
}

std::expected<void, Error> EventLog::Append(std::span<const TrendEvent> events) {
  rocksdb::WriteBatch batch;
  std::uint64_t last = last_;
  for (const TrendEvent& event : events) {
    if (event.seq <= last) continue;
    if (event.seq != last + 1) {
      return std::unexpected(
          Error{.code = "event_gap",
                .detail = "event " + std::to_string(event.seq) + " does not follow " + std::to_string(last)});
    }
    batch.Put(database_.family(Family::kEvents), EventKey(event.seq), EncodeEvent(event));
    List(event, database_.family(Family::kMeta), batch);
    last = event.seq;
  }
  if (last == last_) return {};
  batch.Put(database_.family(Family::kMeta), SliceOf(kEventsListedKey), EventKey(last));
  if (auto written = database_.Write(batch, /*sync=*/false); !written) return written;
  if (oldest_ == 0) oldest_ = last_ + 1;  // there was nothing that could be dropped
  last_ = last;
  return {};
}

std::expected<std::uint64_t, Error> EventLog::DropBefore(Timestamp before) {
  const auto newest = SeqAt(before - Duration{1});
  if (!newest) return std::unexpected(newest.error());
  const std::uint64_t oldest = oldest_;
  const std::uint64_t kept = std::min<std::uint64_t>(*newest + 1, last_);
  if (kept <= oldest) return 0;
  if (auto unlisted = UnlistBefore(kept); !unlisted) return std::unexpected(unlisted.error());
  rocksdb::WriteBatch batch;
  batch.Put(database_.family(Family::kMeta), SliceOf(kEventsStartKey), EventKey(kept));
  batch.DeleteRange(database_.family(Family::kEvents), EventKey(0), EventKey(kept));
  oldest_ = kept;
  if (auto written = database_.Write(batch, /*sync=*/true); !written) return std::unexpected(written.error());
  if (auto dropped = database_.DeleteFiles(Family::kEvents, EventKey(0), EventKey(kept)); !dropped) {
    return std::unexpected(dropped.error());
  }
  return kept - oldest;
}

std::expected<void, Error> EventLog::UnlistBefore(std::uint64_t kept) {
  for (std::uint64_t next = oldest_; next < kept;) {
    const auto events = ReadRange(next, std::min<std::uint64_t>(kept - 1, next + kPage - 1));
    if (!events) return std::unexpected(events.error());
    rocksdb::WriteBatch batch;
    for (const TrendEvent& event : *events)
      EachListKey(event, [&](const std::string& key) { batch.Delete(database_.family(Family::kMeta), key); });
    if (auto written = database_.Write(batch, /*sync=*/false); !written) return written;
    next += kPage;
  }
  return {};
}

std::expected<std::vector<TrendEvent>, Error> EventLog::Read(std::uint64_t since_seq, std::size_t limit) const {
  std::vector<TrendEvent> events;
  const std::uint64_t last = last_;  // what is being appended is not told of yet
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kEvents)));
  for (it->Seek(EventKey(std::max<std::uint64_t>(since_seq + 1, oldest_)));
       it->Valid() && events.size() < limit && SeqOf(it->key()) <= last; it->Next()) {
    auto event = DecodeEvent({it->value().data(), it->value().size()});
    if (!event) return std::unexpected(event.error());
    events.push_back(std::move(*event));
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return events;
}

std::expected<std::vector<TrendEvent>, Error> EventLog::ReadChosen(const Choice& choice, std::uint64_t since_seq,
                                                                   std::size_t limit) const {
  // Each list is seen as it is when its turn comes. Up to here all of them are whole: behind it one may hold an event
  // while another does not show an earlier one yet.
  const std::uint64_t last = last_;
  std::vector<EventLists> asked;
  const auto ask = [&](char kind, const auto& names) {
    if (names.empty()) return;
    EventLists& lists = asked.emplace_back();
    for (const auto& name : names) lists.Add(database_, ListOf(kind, name));
  };
  ask(kTopicEventPrefix, choice.topics);
  ask(kScopeEventPrefix, choice.scopes);
  ask(kTypeEventPrefix, std::views::transform(choice.types, [](TrendEventType type) { return Name(type); }));
  if (asked.empty()) return Read(since_seq, limit);

  std::vector<TrendEvent> events;
  std::uint64_t seq = std::max<std::uint64_t>(since_seq + 1, oldest_);
  while (events.size() < limit) {
    // Each list in turn goes on to where the one before stands, until all of them stand at the same event.
    std::size_t agreed = 0;
    for (std::size_t i = 0; agreed < asked.size(); i = (i + 1) % asked.size()) {
      const auto next = asked[i].From(seq);
      if (!next) return std::unexpected(next.error());
      if (!*next) return events;
      agreed = **next == seq ? agreed + 1 : 1;
      seq = **next;
      if (seq > last) return events;
    }
    const auto bytes = database_.Get(Family::kEvents, EventKey(seq));
    if (!bytes) return std::unexpected(bytes.error());
    ++seq;
    if (!*bytes) continue;  // dropped a moment ago
    auto event = DecodeEvent(**bytes);
    if (!event) return std::unexpected(event.error());
    events.push_back(std::move(*event));
  }
  return events;
}

std::expected<std::vector<TrendEvent>, Error> EventLog::ReadRange(std::uint64_t from_seq, std::uint64_t to_seq) const {
  const std::uint64_t from = std::max<std::uint64_t>(from_seq, 1);
  const std::uint64_t to = std::min<std::uint64_t>(to_seq, last_);
  if (to < from) return std::vector<TrendEvent>();
  return Read(from - 1, to - from + 1);
}

std::expected<std::uint64_t, Error> EventLog::SeqAt(Timestamp at) const {
  if (last_ == 0) return 0;
  std::uint64_t low = oldest_ - 1;  // not after `at`, or before the first
  std::uint64_t high = last_ + 1;   // after `at`, or behind the last
  while (low + 1 < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto bytes = database_.Get(Family::kEvents, EventKey(middle));
    if (!bytes) return std::unexpected(bytes.error());
    if (!*bytes && middle < oldest_) {  // dropped a moment ago
      low = middle;
      continue;
    }
    auto event = DecodeEvent(bytes->value_or(std::string()));
    if (!event) return std::unexpected(event.error());
    (event->time <= at ? low : high) = middle;
  }
  return low < oldest_ ? 0 : low;
}

}  // namespace tagswell
