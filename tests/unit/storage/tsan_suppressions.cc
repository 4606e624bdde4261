// Debian's RocksDB and its compressors are not built for ThreadSanitizer: it sees their memory being copied but not
// what orders the copies. Everything of ours is instrumented and stays watched, but for the call that hands a block to
// RocksDB: where that copies the batches of writers that wait beside it, its own frames are missing in the report.
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "race:librocksdb.so\n"
         "race:libzstd.so\n"
         "race:liblz4.so\n"
         "race:tagswell::PostLog::State::Commit(\n";
}
