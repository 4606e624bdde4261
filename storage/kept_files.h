// RocksDB deletes files that it takes for its own failures: one that was being ingested when the write to the manifest
// failed, for instance. But such a write may be on the disk after all, and a manifest that names a file which is not
// there cannot be opened again. So while that is in doubt nothing sorted is deleted; the next start knows what the
// manifest says and clears up.
#pragma once

#include <rocksdb/env.h>

#include <atomic>
#include <memory>

namespace tagswell {

// The system's files, with that rule while `in_doubt` is set, which outlives the result.
std::unique_ptr<rocksdb::Env> KeepFilesWhile(const std::atomic<bool>& in_doubt);

}  // namespace tagswell
