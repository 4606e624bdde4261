// How RocksDB 7.8 is set up, each choice with its reason. Internal to storage/.
#pragma once

#include <rocksdb/options.h>

#include <memory>
#include <string_view>

#include "storage/database.h"
#include "storage/dropped_rows.h"
#include "storage/store_options.h"

namespace tagswell {

std::string_view Name(Family family);

// `direct_io`: the file system takes O_DIRECT (tmpfs does not).
rocksdb::DBOptions RocksDbOptions(const StoreOptions& options, const std::shared_ptr<rocksdb::Cache>& cache,
                                  bool direct_io);

rocksdb::ColumnFamilyOptions RocksFamilyOptions(Family family, const StoreOptions& options,
                                                const std::shared_ptr<rocksdb::Cache>& cache,
                                                const std::shared_ptr<const DroppedRows>& dropped);

}  // namespace tagswell
