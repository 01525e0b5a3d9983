extension AttributeTable {
    /// The attributes that exist, with their flags.
    ///
    /// Source: flux-broker-attributes(7), observed: flux-core 0.88.
    static let known: [String: Flags] = [
        "rank": [.readOnly, .immutable], "size": [.readOnly, .immutable], "version": .readOnly,
        "rundir": [], "rundir-cleanup": .immutable, "statedir": [], "statedir-cleanup": .immutable,
        "security.owner": [.readOnly, .immutable], "local-uri": .immutable,
        "parent-uri": [.readOnly, .immutable], "instance-level": [.readOnly, .immutable],
        "jobid": [.readOnly, .immutable], "jobid-path": [.readOnly, .immutable],
        "parent-kvs-namespace": [.readOnly, .immutable], "hostlist": .immutable, "hostname": .immutable,
        "broker.mapping": [.readOnly, .immutable], "broker.critical-ranks": .immutable,
        "broker.boot-method": .immutable, "broker.pid": [.readOnly, .immutable], "broker.quorum": .immutable,
        "broker.quorum-warn": .immutable, "broker.shutdown-warn": .immutable, "broker.shutdown-timeout": .immutable,
        "broker.cleanup-timeout": [], "broker.unload-builtins-timeout": [],
        "broker.rc1_path": [], "broker.rc3_path": [], "broker.rc2_none": [], "broker.rc2_pgrp": [],
        "broker.exit-restart": .runtime, "broker.module-nopanic": .runtime,
        "broker.starttime": [.readOnly, .immutable], "broker.sd-notify": [], "broker.sd-stop-timeout": .immutable,
        "broker.exit-norestart": [], "broker.recovery-mode": [], "broker.uuid": [.readOnly, .immutable],
        "conf.shell_initrc": .runtime, "conf.shell_pluginpath": .runtime, "config.path": .immutable,
        "tbon.topo": .config, "tbon.descendants": .readOnly, "tbon.level": .readOnly, "tbon.maxlevel": .readOnly,
        "tbon.endpoint": .readOnly, "tbon.parent-endpoint": .readOnly, "tbon.zmqdebug": .config,
        "tbon.zmq_io_threads": .config, "tbon.child_rcvhwm": .config, "tbon.prefertcp": [],
        "tbon.interface-hint": [.runtime, .config, .immutable], "tbon.torpid_min": .config,
        "tbon.torpid_max": .config, "tbon.tcp_user_timeout": .config, "tbon.connect_timeout": .config,
        "log-ring-size": .immutable, "log-forward-level": .immutable, "log-critical-level": .immutable,
        "log-filename": [], "log-syslog-enable": .immutable, "log-syslog-level": .immutable,
        "log-stderr-mode": .immutable, "log-stderr-level": .runtime, "log-level": .immutable,
        "content.backing-module": [], "content.hash": .immutable, "content.dump": .runtime,
        "content.restore": .runtime, "cron.directory": [], "tbon.fanout": [],
    ]

    static let patterns: [(prefix: String, flags: Flags)] = [
        ("test.", .runtime), ("test-ro.", .readOnly), ("test-nr.", []), ("test-im.", .immutable),
        ("test-rd.", .runtime), ("vendor.", [.runtime, .immutable]),
    ]

    /// Fills in what the command line left open and what does not depend on the outside.
    package mutating func putFixedDefaults() {
        let defaults: [String: String] = [
            "broker.quorum-warn": "1m", "broker.shutdown-warn": "1m", "broker.shutdown-timeout": "none",
            "broker.sd-stop-timeout": "none", "broker.cleanup-timeout": "none",
            "broker.unload-builtins-timeout": "1m",
            "broker.rc1_path": "flux modprobe rc1", "broker.rc3_path": "flux modprobe rc3",
            "tbon.zmqdebug": "0", "tbon.zmq_io_threads": "1", "tbon.child_rcvhwm": "0", "tbon.torpid_min": "5s",
            "tbon.torpid_max": "30s", "tbon.tcp_user_timeout": "20s", "tbon.connect_timeout": "30s",
            "tbon.prefertcp": "0", "tbon.interface-hint": "default-route", "tbon.topo": "kary:32",
            "log-ring-size": "1024", "log-forward-level": "3", "log-critical-level": "2", "log-syslog-enable": "0",
            "log-syslog-level": "3", "log-stderr-mode": "leader", "log-stderr-level": "3", "log-level": "7",
            "content.hash": "sha1",
        ]
        for (name, value) in defaults { putDefault(name, value) }
    }
}
