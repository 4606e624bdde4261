#include "storage/log_file_scan.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include "storage/block_format.h"
#include "storage/byte_order.h"

namespace tagswell {
namespace {

constexpr std::size_t kPageBytes = 32'768;
constexpr std::size_t kHeaderBytes = 7;  // checksum (4), length (2), type (1)

constexpr std::size_t kBatchBytesMin = 12;  // sequence number and count

enum class Piece : unsigned char { kZero, kFull, kFirst, kMiddle, kLast };

// RocksDB stores CRC-32C rotated and shifted, so that a checksum of checksums is sound.
std::uint32_t Checksum(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  const auto sum = static_cast<std::uint32_t>(crc.checksum());
  return ((sum >> 15) | (sum << 17)) + 0xa282ead8U;
}

// Whether a whole piece of a record begins here.
bool IsPiece(std::string_view bytes) {
  const std::size_t length = LoadLittle<std::uint16_t>(bytes.substr(4));
  const auto type = static_cast<unsigned char>(bytes[6]);
  return type != 0 && type <= static_cast<unsigned char>(Piece::kLast) && kHeaderBytes + length <= bytes.size() &&
         Checksum(bytes.substr(6, 1 + length)) == LoadLittle<std::uint32_t>(bytes);
}

// Finds the blocks of our log in a record. Their own checksum proves them, whatever family they stand in.
class BlockFinder : public rocksdb::WriteBatch::Handler {
 public:
  BlockSeq last{0};
  std::uint64_t posts = 0;

  rocksdb::Status PutCF(std::uint32_t, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    if (key.size() != sizeof(BlockSeq)) return rocksdb::Status::OK();
    const BlockSeq seq{LoadBig<std::uint64_t>({key.data(), key.size()})};
    const auto header = DecodeBlockHeader(seq, {value.data(), value.size()});
    if (!header || seq < last) return rocksdb::Status::OK();
    last = seq;
    posts = header->posts_before + header->posts;
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }
  rocksdb::Status DeleteRangeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }
  rocksdb::Status MergeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }
  void LogData(const rocksdb::Slice&) override {}
};

class Scanner {
 public:
  explicit Scanner(LogFileScan& scan) : scan_(scan) {}

  // One page of the file, the last one perhaps short.
  void Page(std::uint64_t offset, std::string_view page) {
    while (!page.empty()) {
      const std::uint64_t at = offset;
      if (page.size() < kHeaderBytes) {
        // The rest of a page is filled with zeros where no header fits.
        if (page.find_first_not_of('\0') != std::string_view::npos) Damage(at, "a header without a record");
        return;
      }
      const std::size_t length = LoadLittle<std::uint16_t>(page.substr(4));
      const auto type = static_cast<unsigned char>(page[6]);
      if (type == 0 && length == 0) {  // room that was never written
        if (page.find_first_not_of('\0') != std::string_view::npos) Damage(at, "zeros in place of a record");
        if (in_record_) Damage(record_at_, "an unfinished record");
        empty_ = at;
        return;
      }
      if (!IsPiece(page)) {
        const bool cut = type <= static_cast<unsigned char>(Piece::kLast) && kHeaderBytes + length > page.size();
        Damage(at, cut ? "an unfinished record" : "a wrong checksum");
        std::size_t next = 1;  // RocksDB would leave out the whole page
        while (next + kHeaderBytes <= page.size() && !IsPiece(page.substr(next))) ++next;
        if (next + kHeaderBytes > page.size()) return;
        page.remove_prefix(next);
        offset += next;
        continue;
      }
      Take(at, Piece{type}, page.substr(kHeaderBytes, length));
      page.remove_prefix(kHeaderBytes + length);
      offset += kHeaderBytes + length;
    }
  }

  void End() {
    if (in_record_) Damage(record_at_, "an unfinished record");
  }

 private:
  void Damage(std::uint64_t at, const char* what) {
    const std::uint64_t from = in_record_ ? record_at_ : at;
    in_record_ = false;
    if (scan_.damaged_at) return;
    scan_.damaged_at = from;
    scan_.damage = what;
  }

  void Take(std::uint64_t at, Piece piece, std::string_view bytes) {
    if (empty_) Damage(*empty_, "zeros in place of a record");
    const bool begins = piece == Piece::kFull || piece == Piece::kFirst;
    if (begins == in_record_) {
      // The rest of a record whose beginning is damaged is no damage of its own.
      if (in_record_ || !scan_.damaged_at) Damage(at, "pieces of different records");
      if (!begins) return;
    }
    if (begins) {
      record_at_ = at;
      record_.clear();
      in_record_ = true;
    }
    record_.append(bytes);
    if (piece != Piece::kFull && piece != Piece::kLast) return;
    in_record_ = false;
    Whole();
  }

  void Whole() {
    BlockFinder finder;
    // A manifest holds other records, on which RocksDB as Debian builds it would abort.
    const bool is_batch = scan_.file.extension() == ".log" && record_.size() >= kBatchBytesMin &&
                          rocksdb::WriteBatch(record_).Iterate(&finder).ok();
    const bool behind = scan_.damaged_at.has_value();
    ++(behind ? scan_.records_behind : scan_.records);
    if (!is_batch || finder.last == BlockSeq{0}) return;
    ++(behind ? scan_.commits_behind : scan_.commits_before);
    // An erasure writes older blocks anew.
    BlockSeq& last = behind ? scan_.last_behind : scan_.last_before;
    if (finder.last < last) return;
    last = finder.last;
    (behind ? scan_.posts_behind : scan_.posts_before) = finder.posts;
  }

  LogFileScan& scan_;
  std::string record_;
  std::uint64_t record_at_ = 0;
  bool in_record_ = false;
  std::optional<std::uint64_t> empty_;  // where room that was never written begins
};

}  // namespace

std::expected<LogFileScan, Error> ScanLogFile(const std::filesystem::path& file) {
  LogFileScan scan;
  scan.file = file;
  std::ifstream in(file, std::ios::binary);
  Scanner scanner(scan);
  std::string page(kPageBytes, '\0');
  while (in) {
    in.read(page.data(), static_cast<std::streamsize>(page.size()));
    const auto size = static_cast<std::size_t>(in.gcount());
    if (size == 0) break;
    scanner.Page(scan.bytes, std::string_view(page).substr(0, size));
    scan.bytes += size;
  }
  if (!in.eof()) {
    return std::unexpected(
        Error{.code = "store_unreadable", .detail = "cannot read " + file.string() + ": " + std::strerror(errno)});
  }
  scanner.End();
  return scan;
}

std::expected<std::vector<LogFileScan>, Error> ScanWriteAheadLogs(const std::filesystem::path& dir) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
    if (entry.path().extension() == ".log") files.push_back(entry.path());
  }
  if (error) {
    return std::unexpected(
        Error{.code = "store_unreadable", .detail = "cannot read " + dir.string() + ": " + error.message()});
  }
  std::ranges::sort(files);  // names are numbers of one width
  std::vector<LogFileScan> scans;
  for (const std::filesystem::path& file : files) {
    auto scan = ScanLogFile(file);
    if (!scan) return std::unexpected(scan.error());
    scans.push_back(std::move(*scan));
  }
  return scans;
}

LogEnd::LogEnd(const std::vector<LogFileScan>& scans) {
  for (const LogFileScan& scan : scans) {
    if (damaged_) {
      // All of a later file stands behind the damage of an earlier one.
      commits_behind_ += scan.commits_before + scan.commits_behind;
    } else {
      if (scan.commits_before > 0) {
        last_whole_ = scan.last_before;
        posts_whole_ = scan.posts_before;
      }
      commits_behind_ = scan.commits_behind;
      if (scan.damaged_at) damaged_ = scan;
    }
    if (commits_behind_ == 0) continue;
    const bool ends_behind = scan.commits_behind > 0;
    if (ends_behind || scan.commits_before > 0) {
      last_ = ends_behind ? scan.last_behind : scan.last_before;
      posts_ = ends_behind ? scan.posts_behind : scan.posts_before;
    }
  }
}

std::string LogEnd::Text() const {
  if (!damaged_) return "";
  const auto number = [](BlockSeq seq) { return std::to_string(static_cast<std::uint64_t>(seq)); };
  std::string text = damaged_->file.filename().string() + ": " + damaged_->damage + " at byte " +
                     std::to_string(*damaged_->damaged_at) + " of " + std::to_string(damaged_->bytes);
  text += commits_behind_ == 0
              ? "; no whole block stands behind it"
              : "; blocks up to " + number(last_) + " stand behind it, with them the store would have " +
                    std::to_string(posts_) + " posts";
  if (last_whole_ != BlockSeq{0}) {
    text += "; it is whole up to block " + number(last_whole_) + ", that is " + std::to_string(posts_whole_) + " posts";
  }
  return text;
}

}  // namespace tagswell
