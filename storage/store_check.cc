#include "storage/store_check.h"

#include <rocksdb/iterator.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "proto/post_codec.h"
#include "storage/block_format.h"
#include "storage/checkpoints.h"
#include "storage/database.h"
#include "storage/event_log.h"
#include "storage/history_cell.h"
#include "storage/history_state.h"
#include "storage/key_page.h"
#include "storage/log_file_scan.h"
#include "storage/meta_keys.h"
#include "storage/spellings.h"
#include "storage/stretch_files.h"

namespace tagswell {
namespace {

namespace fs = std::filesystem;

std::string Number(BlockSeq seq) {
  return std::to_string(static_cast<std::uint64_t>(seq));
}

std::string_view AsView(rocksdb::Slice slice) {
  return {slice.data(), slice.size()};
}

// Damage comes in crowds: a few of a kind tell enough.
constexpr std::size_t kToldOfAKind = 5;

class Checker {
 public:
  Checker(const fs::path& dir, const std::function<void(std::string)>& progress, StoreCheck& result)
      : dir_(dir), progress_(progress), result_(result) {}

  void Run() {
    if (!fs::exists(dir_ / "CURRENT")) return Damage("CURRENT is missing: this is no store");
    LogFiles();
    StoreOptions options;
    options.dir = dir_;
    auto database = Database::OpenForReading(options);
    if (!database) {
      Damage(database.error().detail);
      return EverySortedFile();
    }
    database_ = std::move(*database);
    SortedFiles();
    if (!result_.damage.empty()) return;  // what is read from damaged files would only be told again
    Identity();
    Stretches();
    Log();
    HistoryRows();
    SpellingRows();
    Events();
    States();
  }

 private:
  void Damage(std::string what) { result_.damage.push_back(std::move(what)); }
  void Fact(std::string what) { result_.facts.push_back(std::move(what)); }

  void LogFiles() {
    progress_("logs and manifest");
    auto scans = ScanWriteAheadLogs(dir_);
    if (!scans) return Damage(scans.error().detail);
    for (const fs::directory_entry& entry : fs::directory_iterator(dir_)) {
      if (!entry.path().filename().string().starts_with("MANIFEST-")) continue;
      auto scan = ScanLogFile(entry.path());
      if (!scan) return Damage(scan.error().detail);
      scans->push_back(std::move(*scan));
    }
    for (const LogFileScan& scan : *scans) {
      if (!scan.damaged_at) continue;
      std::string text = scan.file.filename().string() + ": " + scan.damage + " at byte " +
                         std::to_string(*scan.damaged_at) + " of " + std::to_string(scan.bytes) + "; " +
                         std::to_string(scan.records_behind) + " whole records stand behind it";
      if (scan.last_behind != BlockSeq{0}) text += ", the last of them block " + Number(scan.last_behind);
      Damage(text);
    }
    Fact("logs          " + std::to_string(scans->size()) + " files");
  }

  void SortedFile(const fs::path& file, const rocksdb::Options& options) {
    rocksdb::SstFileReader reader(options);
    rocksdb::Status status = reader.Open(file.string());
    if (status.ok()) status = reader.VerifyChecksum();
    if (!status.ok()) Damage(file.filename().string() + ": " + status.ToString());
  }

  // Without a manifest nobody knows which files count: all are looked at.
  void EverySortedFile() {
    for (const fs::directory_entry& entry : fs::directory_iterator(dir_)) {
      if (entry.path().extension() == ".sst") SortedFile(entry.path(), rocksdb::Options());
    }
  }

  void SortedFiles() {
    std::vector<rocksdb::LiveFileMetaData> files;
    database_->db().GetLiveFilesMetaData(&files);
    std::uint64_t bytes = 0;
    for (const rocksdb::LiveFileMetaData& file : files) {
      progress_("file " + file.relative_filename);
      bytes += file.size;
      for (std::size_t i = 0; i < kFamilies; ++i) {
        const Family family{static_cast<unsigned char>(i)};
        if (database_->family(family)->GetName() == file.column_family_name) {
          SortedFile(dir_ / file.relative_filename, database_->FileOptions(family));
        }
      }
    }
    Fact("sorted files  " + std::to_string(files.size()) + " files, " + std::to_string(bytes) + " bytes");
  }

  void Identity() {
    const auto format = database_->Get(Family::kMeta, kFormatKey);
    const auto salt = database_->Get(Family::kMeta, kSaltKey);
    const auto epoch = database_->Get(Family::kMeta, kEpochKey);
    if (!format || !*format || **format != kFormat || !salt || !*salt || (*salt)->size() != sizeof(HashSalt) ||
        !epoch || !*epoch) {
      return Damage("meta: format, salt or epoch is missing");
    }
    salt_ = HashSalt{LoadLittle<std::uint64_t>(**salt)};
    Fact("store         " + **format + ", epoch " + **epoch);
  }

  // Calls `row` with each row of a family until it says what is wrong.
  template <typename Row>
  std::uint64_t Each(Family family, std::string_view from, const char* name, const Row& row) {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.readahead_size = 2 << 20;
    const std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator(options, database_->family(family)));
    std::uint64_t rows = 0;
    std::size_t told = 0;
    for (it->Seek({from.data(), from.size()}); it->Valid() && told < kToldOfAKind; it->Next(), ++rows) {
      if (const std::string wrong = row(AsView(it->key()), AsView(it->value())); !wrong.empty()) {
        Damage(std::string(name) + ": " + wrong);
        ++told;
      }
    }
    if (!it->status().ok()) Damage(std::string(name) + ": " + it->status().ToString());
    return rows;
  }

  void Stretches() {
    auto stretches = StretchFiles(*database_).Load();
    if (!stretches) return Damage("ids: " + stretches.error().detail);
    stretches_ = std::move(*stretches);
    BlockSeq expected{1};
    for (const Stretch& stretch : stretches_) {
      if (stretch.first != expected || stretch.last < stretch.first) {
        Damage("ids: stretch " + std::to_string(stretch.number) + " does not follow the one before");
      }
      expected = Next(stretch.last);
    }
    Fact("index         " + std::to_string(stretches_.size()) + " stretches, up to block " +
         Number(stretches_.empty() ? BlockSeq{0} : stretches_.back().last));
  }

  // Every block decodes, follows the one before, and counts the posts before it; every record decodes; every post that
  // stands in a stretch is in its index.
  void Log() {
    const auto position = database_->Get(Family::kHistory, PositionName());
    if (!position) return Damage("history: " + position.error().detail);
    if (*position && (*position)->size() != sizeof(BlockSeq)) return Damage("history: its position is none");
    if (*position) history_upto_ = BlockSeq{LoadBig<std::uint64_t>(**position)};
    LoadIndexOf(0);
    Each(Family::kLog, "", "log", [this](std::string_view key, std::string_view value) { return Block(key, value); });
    if (stretch_ < stretches_.size()) EndStretch();
    const BlockSeq covered = std::max(history_upto_, stretches_.empty() ? BlockSeq{0} : stretches_.back().last);
    if (covered > last_) {
      Damage("log: it ends with block " + Number(last_) + ", and index or history hold block " + Number(covered));
    }
    Fact("log           blocks up to " + Number(last_) + ", " + std::to_string(posts_) + " posts accepted");
  }

  std::string Block(std::string_view key, std::string_view value) {
    if (key.size() != sizeof(BlockSeq)) return "a key is no block number";
    const BlockSeq seq{LoadBig<std::uint64_t>(key)};
    if (seq != Next(last_)) {
      const BlockSeq missing = Next(last_);
      last_ = seq;
      return "block " + Number(missing) + " is missing";
    }
    last_ = seq;
    if (static_cast<std::uint64_t>(seq) % 1'000 == 0) progress_("block " + Number(seq));
    const auto header = DecodeBlockHeader(seq, value);
    if (!header) return header.error().detail;
    const auto block = DecodeBlock(seq, value);
    if (!block) return block.error().detail;
    if (header->posts_before != posts_) return "block " + Number(seq) + " does not count the posts before it";
    posts_ += header->posts;
    for (std::uint32_t i = 0; i < block->size(); ++i) {
      if (auto size = DecodeRecord(block->RecordAt(i), record_); !size) {
        return "block " + Number(seq) + ": " + size.error().detail;
      }
      Count(seq, i);
    }
    if (stretch_ < stretches_.size() && seq == stretches_[stretch_].last) {
      EndStretch();
      LoadIndexOf(stretch_ + 1);
    }
    return "";
  }

  void Count(BlockSeq seq, std::uint32_t index) {
    if (record_.kind != RecordKind::kPost && record_.kind != RecordKind::kRetraction) return;
    const auto mentions = static_cast<std::int64_t>(record_.post.mentions.size());
    if (seq <= history_upto_) mentions_ += record_.kind == RecordKind::kPost ? mentions : -mentions;
    if (record_.kind != RecordKind::kPost || stretch_ >= stretches_.size()) return;
    const Position origin{.block = stretches_[stretch_].first, .index = 0};
    expected_.push_back({.key = ShortKey::Of(KeyOf(record_.post.source, record_.post.id, salt_)),
                         .offset = Pack({.block = seq, .index = index}) - Pack(origin)});
  }

  void LoadIndexOf(std::size_t stretch) {
    stretch_ = stretch;
    indexed_.clear();
    expected_.clear();
    if (stretch >= stretches_.size()) return;
    std::string prefix;
    AppendBig(stretches_[stretch].number, prefix);
    const std::unique_ptr<rocksdb::Iterator> it(
        database_->db().NewIterator(rocksdb::ReadOptions(), database_->family(Family::kIds)));
    std::vector<KeyEntry> page;
    for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
      if (it->key().size() == prefix.size()) continue;
      if (!DecodeKeyPage(AsView(it->value()), page)) return Damage("ids: a page is damaged");
      indexed_.insert(indexed_.end(), page.begin(), page.end());
    }
    if (!it->status().ok()) Damage("ids: " + it->status().ToString());
  }

  // A key may stand in the log twice, when the first post was taken back: the index knows the newer one.
  void EndStretch() {
    std::size_t missing = 0;
    const auto by_key = [](const KeyEntry& entry) { return entry.key; };
    for (const KeyEntry& entry : expected_) {
      const auto found = std::ranges::lower_bound(indexed_, entry.key, {}, by_key);
      if (found == indexed_.end() || found->key != entry.key || found->offset < entry.offset) ++missing;
    }
    // Posts that were taken back leave no entry behind when that came before the stretch was closed.
    std::size_t retracted = 0;
    if (missing > 0) {
      Each(Family::kMeta, std::string(1, kRetractedPrefix), "meta", [&](std::string_view key, std::string_view) {
        if (key.starts_with(kRetractedPrefix)) ++retracted;
        return std::string();
      });
    }
    if (missing > retracted) {
      Damage("ids: stretch " + std::to_string(stretch_) + " lacks " + std::to_string(missing) + " posts of the log");
    }
    stretch_ = stretches_.size();
  }

  void HistoryRows() {
    progress_("history");
    HistoryCell cell;
    std::int64_t counted = 0;
    std::string state;
    AppendBig(kStateHour, state);
    const std::uint64_t rows =
        Each(Family::kHistory, "", "history", [&](std::string_view key, std::string_view value) -> std::string {
          if (key.size() < sizeof(kStateHour)) return "a key is too short";
          if (key.starts_with(state)) return "";
          cell.Clear();
          if (!cell.AddStored(value)) return "a cell is damaged";
          cell.Normalize();
          for (const CellRow& row : cell.exact()) counted += row.posts;
          for (const CellRow& row : cell.coarse_posts()) counted += row.posts;
          return "";
        });
    if (counted != mentions_) {
      Damage("history: it counts " + std::to_string(counted) + " mentions, the log " + std::to_string(mentions_));
    }
    Fact("history       " + std::to_string(rows) + " cells up to block " + Number(history_upto_) + ", " +
         std::to_string(counted) + " mentions");
  }

  void SpellingRows() {
    const std::uint64_t rows = Each(Family::kSpellings, "", "spellings", [](std::string_view, std::string_view value) {
      return std::string(Spellings().AddStored(value) ? "" : "a row is damaged");
    });
    Fact("spellings     " + std::to_string(rows) + " topics");
  }

  void Events() {
    std::uint64_t last = 0;
    Each(Family::kEvents, "", "events", [&](std::string_view key, std::string_view value) -> std::string {
      const std::uint64_t seq = key.size() == sizeof(last) ? LoadBig<std::uint64_t>(key) : 0;
      const bool follows = seq != 0 && (last == 0 || seq == last + 1);
      last = seq;
      if (!follows) return "event " + std::to_string(seq) + " does not follow the one before";
      const auto event = DecodeEvent(value);
      return event ? "" : "event " + std::to_string(seq) + ": " + event.error().detail;
    });
    Fact("events        up to " + std::to_string(last));
  }

  void States() {
    progress_("checkpoints");
    const Checkpoints checkpoints(*database_);
    const auto kept = checkpoints.Kept();
    if (!kept) return Damage("checkpoints: " + kept.error().detail);
    for (const BlockSeq at : *kept) {
      if (at > last_)
        Damage("log: it ends with block " + Number(last_) + ", and a checkpoint holds block " + Number(at));
      const auto loaded = checkpoints.LoadNewest(at);
      if (!loaded || !*loaded || (*loaded)->at != at)
        Damage("checkpoints: the one at block " + Number(at) + " is damaged");
    }
    Fact("checkpoints   " + std::to_string(kept->size()) +
         (kept->empty() ? "" : ", the newest at block " + Number(kept->back())));
  }

  const fs::path& dir_;
  const std::function<void(std::string)>& progress_;
  StoreCheck& result_;
  std::unique_ptr<Database> database_;
  HashSalt salt_{};
  std::vector<Stretch> stretches_;
  std::size_t stretch_ = 0;  // the one that is being compared
  std::vector<KeyEntry> indexed_;
  std::vector<KeyEntry> expected_;
  BlockSeq last_{0};
  BlockSeq history_upto_{0};
  std::uint64_t posts_ = 0;
  std::int64_t mentions_ = 0;  // in the log, as far as the history goes
  Record record_;
};

}  // namespace

StoreCheck CheckStore(const fs::path& dir, const std::function<void(std::string)>& progress) {
  StoreCheck result;
  Checker(dir, progress, result).Run();
  return result;
}

}  // namespace tagswell
