#include "storage/history.h"

#include <limits>
#include <set>
#include <utility>

#include "storage/author_sketch.h"
#include "storage/history_cell.h"
#include "storage/history_state.h"
#include "storage/meta_keys.h"
#include "storage/sorted_rows.h"

namespace tagswell {
namespace {

// A store that only ticks still moves its position, so that start does not fold for ever.
constexpr std::uint64_t kBlocksUnflushedMax = 1 << 16;
// A topic that nobody else uses waits in about 140 bytes, and in as many again while it is written.
constexpr std::size_t kTopicsPendingMax = 300'000;

}  // namespace

History::History(Database& database, HashSalt salt, const StoreOptions& options)
    : state_(std::make_unique<State>(database, salt, options)) {}
History::~History() = default;

std::expected<BlockSeq, Error> History::Open() {
  const std::lock_guard lock(state_->mutex);
  const auto start = state_->database.Get(Family::kMeta, kHistoryStartKey);
  if (!start) return std::unexpected(start.error());
  if (*start && (*start)->size() != sizeof(std::uint32_t)) {
    return std::unexpected(Error{.code = "storage_failed", .detail = "where the history begins is damaged"});
  }
  if (*start) state_->start_hour = LoadBig<std::uint32_t>(**start);
  const auto position = state_->database.Get(Family::kHistory, PositionName());
  if (!position) return std::unexpected(position.error());
  if (*position) state_->folded = state_->DiskPosition(**position);
  state_->flushed = state_->folded;
  for (;;) {
    const auto combo = state_->database.Get(Family::kHistory, ComboName(state_->combos.size()));
    if (!combo) return std::unexpected(combo.error());
    if (!*combo) break;
    state_->combos.Restore(**combo);
  }
  state_->combos_stored = state_->combos.size();
  return state_->folded;
}

void History::Fold(std::span<const Record> records) {
  const std::lock_guard lock(state_->mutex);
  HistoryPending& pending = state_->pending;
  pending.Prefetch(records);
  for (const Record& record : records) {
    const Post& post = record.post;
    if (record.kind == RecordKind::kHole || post.mentions.empty()) continue;
    const std::int32_t posts = record.kind == RecordKind::kRetraction ? -1 : 1;
    const std::uint64_t author = AuthorCode(AuthorHash(post.author, state_->salt));
    const Minute minute = MinuteOf(post.created_at);
    const std::uint32_t combo = state_->combos.NumberOf(post);
    for (const Mention& mention : post.mentions) pending.Add(mention, minute, combo, author, posts);
  }
}

std::expected<void, Error> History::EndBlock(BlockSeq block) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->folded = block;
    const std::uint64_t behind = static_cast<std::uint64_t>(block) - static_cast<std::uint64_t>(state_->flushed);
    if (!state_->flushing && state_->pending.rows() < state_->rows_max &&
        state_->pending.topics() < kTopicsPendingMax && behind < kBlocksUnflushedMax)
      return {};
  }
  return Flush();
}

std::expected<void, Error> History::Flush() {
  std::shared_ptr<const State::Flushing> flushing;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->folded == state_->flushed) return {};
    if (!state_->flushing) {
      auto taken = std::make_shared<State::Flushing>();
      taken->rows = std::exchange(state_->pending, HistoryPending());
      taken->upto = state_->folded;
      state_->flushing = std::move(taken);
    }
    flushing = state_->flushing;  // or what could not be written before
  }
  // Readers keep seeing `flushing` while it is being written; the lock is not held.
  if (auto written = state_->Write(*flushing); !written) return written;
  const std::lock_guard lock(state_->mutex);
  state_->flushing.reset();
  state_->flushed = flushing->upto;
  return {};
}

std::expected<bool, Error> History::DropBefore(Minute before) {
  const std::uint32_t hour = HourOf(before);
  if (hour <= state_->start_hour) return false;
  std::string start;
  AppendBig(hour, start);
  rocksdb::WriteBatch batch;
  batch.Put(state_->database.family(Family::kMeta), rocksdb::Slice(kHistoryStartKey.data(), kHistoryStartKey.size()),
            start);
  batch.DeleteRange(state_->database.family(Family::kHistory), CellName(0, ""), CellName(hour, ""));
  // Before the rows go: an answer holds an hour whole or not at all.
  state_->start_hour = hour;
  if (auto written = state_->database.Write(batch, /*sync=*/true); !written) return std::unexpected(written.error());
  auto dropped = state_->database.DeleteFiles(Family::kHistory, CellName(0, ""), CellName(hour, ""));
  if (!dropped) return std::unexpected(dropped.error());
  return true;
}

Minute History::Start() const {
  return Minute{static_cast<std::int32_t>(state_->start_hour * 60)};
}

std::expected<void, Error> History::State::Write(const Flushing& what) {
  SortedRows cells;
  SortedRows names;
  const HistoryPending& rows = what.rows;
  std::set<std::uint32_t> hours;
  HistoryCell cell;
  std::string value;
  rows.ForEachCell(0, std::numeric_limits<std::uint32_t>::max(),
                   [&](std::uint32_t hour, std::string_view topic, std::span<const CellRow> added) {
                     cell.Clear();
                     for (const CellRow& row : added) cell.Add(row);
                     value.clear();
                     cell.Encode(value);
                     if (value.empty()) return;
                     cells.Merge(CellName(hour, topic), value);
                     hours.insert(hour);
                   });
  rows.ForEachSpellings([&](std::string_view topic, const Spellings& spellings) {
    value.clear();
    spellings.Encode(value);
    if (!value.empty()) names.Merge(topic, value);
  });
  std::uint32_t combos_now = 0;
  {
    const std::lock_guard lock(mutex);
    combos_now = combos.size();
    for (std::uint32_t number = combos_stored; number < combos_now; ++number)
      cells.Put(ComboName(number), combos.stored(number));
  }
  cells.Put(PositionName(), BlockKey(what.upto));

  std::vector<StagedFile> files;
  for (const auto& [gathered, family] : {std::pair(&cells, Family::kHistory), std::pair(&names, Family::kSpellings)}) {
    if (gathered->empty()) continue;
    auto file = gathered->WriteFile(database, family);
    if (!file) return std::unexpected(file.error());
    files.push_back(std::move(*file));
  }
  hourly.Writes(hours, what.upto);
  if (auto ingested = database.Ingest(files); !ingested) return ingested;
  combos_stored = combos_now;
  return {};
}

std::expected<History::State::View, Error> History::State::LookAt(std::span<const std::string_view> topics,
                                                                  std::string_view scope, std::uint32_t first_hour,
                                                                  std::uint32_t last_hour) const {
  return Look(scope, [&](const HistoryPending& source, View& view) {
    source.ForEachRowOf(topics, [&](std::uint32_t hour, std::string_view topic, const CellRow& row) {
      if (hour >= first_hour && hour <= last_hour) view.rows[CellName(hour, topic)].push_back(row);
    });
  });
}

std::expected<bool, Error> History::State::ReadCell(const View& view, std::uint32_t hour, std::string_view topic,
                                                    HistoryCell& cell) const {
  cell.Clear();
  if (hour < start_hour) return false;
  const std::string name = CellName(hour, topic);
  const auto stored = database.Get(Family::kHistory, name, view.snapshot->get());
  if (!stored) return std::unexpected(stored.error());
  const auto rows = view.rows.find(name);
  if (!*stored && rows == view.rows.end()) return false;
  if (*stored && !cell.AddStored(**stored)) return CorruptCell();
  if (rows != view.rows.end()) {
    for (const CellRow& row : rows->second) cell.Add(row);
  }
  cell.Normalize();
  return true;
}

std::expected<AuthorTally, Error> History::State::TallyOf(const View& view, std::string_view topic, Minute from,
                                                          Minute to) const {
  AuthorTally tally;
  HistoryCell cell;
  for (std::uint32_t hour = HourOf(from); hour <= HourOf(to - 1); ++hour) {
    const auto there = ReadCell(view, hour, topic, cell);
    if (!there) return std::unexpected(there.error());
    const auto [begin, end] = MinutesIn(hour, from, to);
    if (*there) tally.Add(cell, begin, end, view.in_scope);
  }
  return tally;
}

BlockSeq History::FoldedUpTo() const {
  const std::lock_guard lock(state_->mutex);
  return state_->folded;
}

BlockSeq History::FlushedUpTo() const {
  const std::lock_guard lock(state_->mutex);
  return state_->flushed;
}

}  // namespace tagswell
