# What `make package` installs: the program, its service, its configuration, and what goes with them. Debian's layout.
include(GNUInstallDirs)

install(FILES deploy/systemd/tagswell.service DESTINATION lib/systemd/system)
install(FILES deploy/systemd/tagswell.sysusers DESTINATION lib/sysusers.d RENAME tagswell.conf)
install(FILES deploy/shell/tagswell.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME tagswell)
install(FILES deploy/shell/tagswell.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _tagswell)
install(FILES deploy/shell/tagswell.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES deploy/shell/tagswell.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(DIRECTORY deploy/grafana deploy/prometheus DESTINATION ${CMAKE_INSTALL_DATADIR}/tagswell)
install(FILES README.md CHANGELOG.md SECURITY.md docs/api.md docs/detection.md docs/operations.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/guide DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES deploy/tagswell.toml DESTINATION /etc/tagswell)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_NAME tagswell)
set(CPACK_PACKAGE_CONTACT "The tagswell authors <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION "Takes in a stream of public posts over HTTP or WebSocket, counts every hashtag exactly over
sliding windows, for the world and for each country, language and source, and tells within minutes which of them begin
to trend, and why. With a live board, Prometheus metrics and Grafana dashboards.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
    ${PROJECT_SOURCE_DIR}/deploy/debian/prerm ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
include(CPack)
