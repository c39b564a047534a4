//! Every field that the rules look at, each with what must pass and what must not.

use serde_json::{Value, json};

use super::{Exception, Exceptions, ImageRule, Owner, Road, Rules, Subject, Verdict, Wanted, judge};

fn project() -> Subject {
    Subject { platform_admin: false, owner: Owner::Project("pay".into()), protected: false, road: Road::Other }
}

fn platform(platform_admin: bool, protected: bool, road: Road) -> Subject {
    Subject { platform_admin, owner: Owner::Platform, protected, road }
}

/// An inspection with these fields of `HostConfig` and these beside it.
fn inspection(host_config: &Value, top: &Value) -> Value {
    let mut all = json!({"Id": "aa", "Name": "/web", "Config": {"Image": "shop/web:1"}, "HostConfig": host_config});
    for (key, value) in top.as_object().into_iter().flatten() {
        all[key] = value.clone();
    }
    all
}

fn wanted(host_config: &Value) -> Wanted {
    Wanted::from_inspection("h", &inspection(host_config, &json!({})))
}

/// Field and code of each finding.
fn found_in(wanted: &Wanted, rules: &Rules) -> Vec<(String, &'static str)> {
    match judge(wanted, rules, &project()) {
        Verdict::Allowed(_) => Vec::new(),
        Verdict::Refused(findings) => findings.into_iter().map(|f| (f.field, f.code)).collect(),
        Verdict::Warned(..) => panic!("a project is never merely warned"),
    }
}

fn found(host_config: Value) -> Vec<(String, &'static str)> {
    found_in(&wanted(&host_config), &Rules::default())
}

#[track_caller]
fn refused(host_config: Value, field: &str, code: &'static str) {
    let found = found(host_config.clone());
    assert!(found.contains(&(field.to_owned(), code)), "{host_config}: {found:?}");
}

#[track_caller]
fn passes(host_config: Value) {
    assert_eq!(found(host_config.clone()), [], "{host_config}");
}

#[test]
fn an_ordinary_container_passes() {
    // As Docker 20.10 writes it.
    let text = r#"{
        "Binds": null, "ContainerIDFile": "", "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}, "NetworkMode": "shop_default",
        "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}, {"HostIp": "", "HostPort": ""}]},
        "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}, "AutoRemove": false, "VolumeDriver": "", "VolumesFrom": null, "CapAdd": null,
        "CapDrop": ["ALL"], "CgroupnsMode": "private", "Dns": [], "ExtraHosts": ["db:10.0.0.5"], "GroupAdd": null, "IpcMode": "private", "Cgroup": "", "Links": null,
        "OomScoreAdj": 0, "PidMode": "", "Privileged": false, "PublishAllPorts": false, "SecurityOpt": ["no-new-privileges"], "UTSMode": "", "UsernsMode": "",
        "ShmSize": 67108864, "Runtime": "runc", "Memory": 1073741824, "NanoCpus": 500000000, "CgroupParent": "", "Devices": [], "DeviceCgroupRules": null,
        "DeviceRequests": null, "OomKillDisable": false, "Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 65536}, {"Name": "core", "Soft": 0, "Hard": -1}],
        "Sysctls": {"net.core.somaxconn": "1024"}, "Tmpfs": {"/tmp": ""},
        "MaskedPaths": ["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
            "/proc/sched_debug", "/proc/scsi", "/sys/firmware"],
        "ReadonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        "Mounts": [{"Type": "volume", "Source": "data", "Target": "/data"}, {"Type": "tmpfs", "Target": "/scratch"}]
    }"#;
    passes(serde_json::from_str(text).expect("JSON"));
}

#[test]
fn privileges() {
    refused(json!({"Privileged": true}), "privileged", "privileged");
    for option in [
        "seccomp=unconfined",
        "seccomp:unconfined",
        "apparmor=unconfined",
        "label=disable",
        "label:type:x",
        "systempaths=unconfined",
        "no-new-privileges=false",
        "seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
    ] {
        refused(json!({"SecurityOpt": [option]}), "security_options[0]", "security_option");
    }
    for option in ["no-new-privileges", "no-new-privileges:true", "seccomp=builtin", "apparmor=docker-default"] {
        passes(json!({"SecurityOpt": [option]}));
    }
    refused(json!({"MaskedPaths": []}), "masked_paths", "unmasked_path");
    refused(
        json!({"MaskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi"]}),
        "masked_paths",
        "unmasked_path",
    );
    refused(json!({"ReadonlyPaths": []}), "read_only_paths", "writable_path");
    refused(json!({"Runtime": "kata"}), "runtime", "runtime");
    refused(json!({"Annotations": {"run.oci.keep_original_groups": "1"}}), "annotations.run.oci.keep_original_groups", "annotation");
    refused(json!({"CgroupParent": "/system.slice"}), "cgroup_parent", "cgroup_parent");
}

#[test]
fn namespaces() {
    for (key, field) in [
        ("NetworkMode", "network_mode"),
        ("PidMode", "pid_mode"),
        ("IpcMode", "ipc_mode"),
        ("UTSMode", "uts_mode"),
        ("UsernsMode", "user_namespace_mode"),
        ("CgroupnsMode", "cgroup_namespace_mode"),
    ] {
        refused(json!({ key: "host" }), field, "host_namespace");
        refused(json!({ key: "container:bb" }), field, "foreign_namespace");
        refused(json!({ key: "ns:/proc/1/ns/net" }), field, "foreign_namespace");
        passes(json!({ key: "" }));
        passes(json!({ key: "private" }));
    }
    refused(json!({"Cgroup": "container:bb"}), "cgroup", "foreign_namespace");
    passes(json!({"IpcMode": "shareable"}));
    passes(json!({"NetworkMode": "none"}));
    let rules = Rules { siblings: ["bb".to_owned()].into(), ..Rules::default() };
    assert_eq!(found_in(&wanted(&json!({"NetworkMode": "container:bb"})), &rules), [], "of the same owner");
    let rules = Rules { cgroup_v1: true, ..Rules::default() };
    assert_eq!(found_in(&wanted(&json!({"CgroupnsMode": "host"})), &rules), [], "there is no other with v1");
}

#[test]
fn paths_of_the_host_however_they_are_written() {
    for path in [
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/var/../run/docker.sock",
        "//run//docker.sock/",
        "/srv/../var/run/./docker.sock",
        "/",
        "/run",
        "/var/run/",
        "/var",
        "/var/lib",
        "/var/lib/docker",
        "/var/lib/docker/volumes/x/_data",
        "/var/lib/containerd",
        "/run/containerd/containerd.sock",
        "/etc/docker",
        "/etc",
    ] {
        refused(json!({ "Binds": [format!("{path}:/x:ro")] }), "mounts[0].source", "bind_engine");
        refused(
            json!({ "Mounts": [{"Type": "bind", "Source": path, "Target": "/x", "ReadOnly": true}] }),
            "mounts[0].source",
            "bind_engine",
        );
    }
    refused(json!({"Binds": ["/srv/data:/data"]}), "mounts[0].source", "bind");
    refused(json!({"Binds": ["/srv/data:/data:rw,rshared"]}), "mounts[0].propagation", "mount_propagation");
    let shared = json!({"Mounts": [{"Type": "bind", "Source": "/srv", "Target": "/x", "BindOptions": {"Propagation": "rslave"}}]});
    refused(shared, "mounts[0].propagation", "mount_propagation");
    refused(json!({"Mounts": [{"Type": "npipe", "Source": "x", "Target": "/x"}]}), "mounts[0].kind", "mount_kind");
    refused(json!({"Mounts": [{"Type": "cluster", "Source": "x", "Target": "/x"}]}), "mounts[0].kind", "mount_kind");
    let rules = Rules { engine_root: "/srv/docker/".into(), ..Rules::default() };
    assert_eq!(
        found_in(&wanted(&json!({"Binds": ["/srv/x/../docker/volumes:/x"]})), &rules),
        [("mounts[0].source".to_owned(), "bind_engine")]
    );
}

#[test]
fn what_is_really_mounted_counts_too() {
    let top = json!({"Mounts": [{"Type": "bind", "Source": "/etc/x", "Destination": "/x", "Propagation": "rprivate"}]});
    assert_eq!(
        found_in(&Wanted::from_inspection("h", &inspection(&json!({}), &top)), &Rules::default()),
        [("mounts[0].source".to_owned(), "bind")]
    );
    let both = Wanted::from_inspection("h", &inspection(&json!({"Binds": ["/etc/x/:/x"]}), &top));
    assert_eq!(both.mounts.len(), 1, "once");
}

#[test]
fn targets() {
    for target in ["/", "/proc", "/proc/sys", "/sys/fs/cgroup", "/dev", "/dev/../proc", "//proc"] {
        refused(json!({"Mounts": [{"Type": "volume", "Source": "v", "Target": target}]}), "mounts[0].target", "mount_target");
        let image = Wanted::from_inspection("h", &inspection(&json!({}), &json!({"Config": {"Volumes": {target: {}}}})));
        assert_eq!(found_in(&image, &Rules::default()), [("image_volumes[0]".to_owned(), "mount_target")]);
    }
    passes(json!({"Mounts": [{"Type": "tmpfs", "Target": "/dev/shm"}]}));
}

#[test]
fn volumes() {
    refused(json!({"VolumeDriver": "rexray"}), "volume_driver", "plugin");
    refused(json!({"VolumesFrom": ["bb:ro"]}), "volumes_from[0]", "foreign_volumes");
    let driver = |options: Value, name: &str| {
        json!({"Mounts": [{"Type": "volume", "Source": "v", "Target": "/x",
        "VolumeOptions": {"DriverConfig": {"Name": name, "Options": options}}}]})
    };
    refused(driver(json!({}), "nfs-plugin"), "mounts[0].driver", "plugin");
    for options in [
        json!({"type": "none", "o": "bind", "device": "/etc"}),
        json!({"o": "ro,bind", "device": "etc"}),
        json!({"o": "rbind", "device": "/"}),
        json!({"type": "ext4", "device": "/dev/sda1"}),
        json!({"type": "tmpfs", "o": "bind", "device": "tmpfs"}),
    ] {
        refused(driver(options, "local"), "mounts[0].options", "volume_bind");
    }
    refused(driver(json!({"type": "nfs", "o": "addr=10.0.0.1", "device": ":/x"}), "local"), "mounts[0].options", "volume_options");
    refused(driver(json!({"type": "cifs", "o": "username=a", "device": "//nas/x"}), "local"), "mounts[0].options", "volume_options");
    passes(driver(json!({"type": "tmpfs", "o": "size=100m,uid=1000", "device": "tmpfs"}), "local"));
    passes(driver(json!({}), "local"));

    // A name that stands for a path of the host.
    let mut named = wanted(&json!({"Binds": ["data:/x"]}));
    let options = [("o", "bind"), ("device", "/var/run")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    named.volumes.insert("data".into(), super::WantedVolume { driver: "local".into(), options: options.into() });
    assert_eq!(found_in(&named, &Rules::default()), [("mounts[0].options".to_owned(), "volume_bind")]);
    named.volumes.insert("data".into(), super::WantedVolume { driver: "plugin:latest".into(), ..Default::default() });
    assert_eq!(found_in(&named, &Rules::default()), [("mounts[0].driver".to_owned(), "plugin")]);
    let rules = Rules { siblings: ["bb".to_owned()].into(), ..Rules::default() };
    assert_eq!(found_in(&wanted(&json!({"VolumesFrom": ["bb"]})), &rules), []);
}

#[test]
fn capabilities_and_devices() {
    for capability in ["SYS_ADMIN", "sys_admin", "CAP_SYS_ADMIN", "cap_net_admin", " ALL", "NET_ADMIN"] {
        refused(json!({"CapAdd": [capability]}), "capabilities_added[0]", "capability");
    }
    passes(json!({"CapAdd": ["CAP_CHOWN", "net_bind_service"], "CapDrop": ["ALL"]}));
    refused(
        json!({"Devices": [{"PathOnHost": "/dev/sda", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}]}),
        "devices[0]",
        "device",
    );
    refused(json!({"DeviceRequests": [{"Driver": "nvidia", "Count": -1}]}), "device_requests[0]", "device_request");
    refused(json!({"DeviceCgroupRules": ["c 1:3 mr"]}), "device_cgroup_rules[0]", "device_cgroup_rule");
}

#[test]
fn limits_of_the_kernel() {
    refused(json!({"Sysctls": {"kernel.msgmax": "1"}}), "sysctls.kernel.msgmax", "sysctl");
    refused(json!({"Ulimits": [{"Name": "memlock", "Soft": -1, "Hard": -1}]}), "ulimits[0]", "ulimit");
    refused(json!({"Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2_000_000}]}), "ulimits[0]", "ulimit");
    refused(json!({"Ulimits": [{"Name": "rtprio", "Soft": 0, "Hard": 99}]}), "ulimits[0]", "ulimit");
    passes(json!({"Ulimits": [{"Name": "memlock", "Soft": 0, "Hard": 0}]}));
    refused(json!({"OomScoreAdj": -1}), "oom_score", "oom_score");
    passes(json!({"OomScoreAdj": 500}));
    refused(json!({"OomKillDisable": true}), "oom_kill_disabled", "oom_kill_disabled");
    refused(json!({"CpuRealtimeRuntime": 1}), "realtime", "realtime");
}

#[test]
fn logs() {
    refused(json!({"LogConfig": {"Type": "syslog", "Config": {"syslog-address": "tcp://10.0.0.1:514"}}}), "log_driver", "log_driver");
    refused(json!({"LogConfig": {"Type": "gelf", "Config": {"gelf-address": "udp://x"}}}), "log_options.gelf-address", "log_address");
    refused(
        json!({"LogConfig": {"Type": "splunk", "Config": {"splunk-url": "https://x", "splunk-token": "canary"}}}),
        "log_options.splunk-url",
        "log_address",
    );
    refused(json!({"LogConfig": {"Type": "grafana/loki:latest", "Config": {}}}), "log_driver", "plugin");
    for driver in ["json-file", "local", "none", "journald", ""] {
        passes(json!({"LogConfig": {"Type": driver, "Config": {"tag": "x"}}}));
    }
    let secret = wanted(&json!({"LogConfig": {"Type": "splunk", "Config": {"splunk-token": "canary", "splunk-url": "https://canary@x"}}}));
    assert!(!format!("{:?}", judge(&secret, &Rules::default(), &project())).contains("canary"));
}

#[test]
fn network_and_image() {
    for host in ["up:host-gateway", "up=host-gateway", "up:HOST-GATEWAY"] {
        refused(json!({ "ExtraHosts": [host] }), "extra_hosts[0]", "host_gateway");
    }
    for port in ["80", "1023", "80-8080", "8080-99999", "x"] {
        refused(json!({"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": port}]}}), "ports[0]", "published_port");
    }
    refused(json!({"Links": ["/bb:/web/db"]}), "links[0]", "foreign_link");
    let networks = json!({"NetworkSettings": {"Networks": {"shop": {"Aliases": ["web", "api.bank.example", "ECOS"], "Links": ["bb:db"], "DriverOpts": {"x": "y"}}}}});
    let rules = Rules { reserved_names: ["ecos".to_owned()].into(), ..Rules::default() };
    let of = |field: &str, code| (format!("networks.shop.{field}"), code);
    assert_eq!(
        found_in(&Wanted::from_inspection("h", &inspection(&json!({}), &networks)), &rules),
        [
            of("aliases[1]", "network_alias"),
            of("aliases[2]", "network_alias"),
            of("links[0]", "foreign_link"),
            of("options.x", "network_option"),
        ]
    );
    let images = ImageRule { allowed: vec!["registry.internal/".into(), "shop/".into()], digest: true };
    let rules = Rules { images, ..Rules::default() };
    assert_eq!(found_in(&wanted(&json!({})), &rules), [("image".to_owned(), "image_without_digest")]);
    let mut other = wanted(&json!({}));
    other.image = "docker.io/x@sha256:00".into();
    assert_eq!(found_in(&other, &rules), [("image".to_owned(), "image_not_allowed")]);
}

#[test]
fn the_consoles_own_objects_are_nobodys() {
    let mut rules = Rules::default();
    rules.own.containers.insert("aa".into());
    rules.own.volumes.insert("ecos".into());
    rules.own.paths.insert("/srv/ecos".into());
    let of = |subject: &Subject| judge(&wanted(&json!({"Binds": ["ecos:/data", "/srv/ecos:/x"]})), &rules, subject);
    for subject in [
        project(),
        platform(true, false, Road::Other),
        platform(true, false, Road::StartUnchanged),
        platform(false, false, Road::RestartUnchanged),
    ] {
        assert!(matches!(of(&subject), Verdict::Refused(f) if f[0].code == "own_container"), "{subject:?}");
    }
    let restart = of(&platform(true, false, Road::RestartUnchanged));
    assert!(matches!(&restart, Verdict::Warned(_, f) if f[0].code == "own_container"), "a platform's restart: {restart:?}");

    rules.own.containers = ["bb0123456789".to_owned(), "console".to_owned()].into();
    rules.siblings = ["console".to_owned()].into();
    for host_config in [
        json!({"NetworkMode": "container:console"}),
        json!({"PidMode": "container:bb01234"}),
        json!({"VolumesFrom": ["console:ro"]}),
        json!({"Links": ["/console:/web/console"]}),
    ] {
        let verdict = judge(&wanted(&host_config), &rules, &platform(true, false, Road::RestartUnchanged));
        assert!(matches!(&verdict, Verdict::Refused(f) if f.iter().any(|f| f.code == "own_container")), "{host_config}: {verdict:?}");
    }
    rules.own.containers.clear();
    let above = wanted(&json!({"Binds": ["/srv:/x"]}));
    let road = |road| judge(&above, &rules, &platform(true, false, road));
    assert!(matches!(road(Road::StartUnchanged), Verdict::Warned(_, f) if f.iter().any(|f| f.code == "holds_own_path")));
    assert!(matches!(road(Road::Other), Verdict::Refused(f) if f.iter().any(|f| f.code == "holds_own_path")));
    for (host_config, code) in [(json!({"Binds": ["ecos:/x"]}), "own_volume"), (json!({"Binds": ["/srv/x/../ecos/keys:/x"]}), "own_path")] {
        let verdict = judge(&wanted(&host_config), &rules, &platform(true, false, Road::StartUnchanged));
        assert!(matches!(verdict, Verdict::Refused(f) if f.iter().any(|f| f.code == code)));
    }
}

#[test]
fn who_is_refused_and_who_is_warned() {
    let bad = wanted(&json!({"Privileged": true}));
    let verdict = |subject: &Subject| match judge(&bad, &Rules::default(), subject) {
        Verdict::Allowed(_) => "allowed",
        Verdict::Warned(judged, _) if judged.is_of("h", "aa") && !judged.is_of("h", "bb") => "warned",
        Verdict::Warned(..) => "another's",
        Verdict::Refused(_) => "refused",
    };
    assert_eq!(verdict(&project()), "refused");
    assert_eq!(verdict(&Subject { platform_admin: true, ..project() }), "refused", "a project's is a project's, whoever asks");
    assert_eq!(verdict(&Subject { road: Road::RestartUnchanged, ..project() }), "refused");
    assert_eq!(verdict(&platform(true, false, Road::Other)), "warned");
    assert_eq!(verdict(&platform(true, true, Road::Other)), "refused", "protected");
    assert_eq!(verdict(&platform(false, false, Road::Other)), "refused");
    assert_eq!(verdict(&platform(false, true, Road::StartUnchanged)), "warned", "unchanged");
    assert_eq!(verdict(&platform(false, false, Road::RestartUnchanged)), "warned");
}

#[test]
fn exceptions_are_by_name_and_reach_no_further() {
    let exception = |code: &str, value: Option<&str>| Exception {
        owner: Owner::Project("pay".into()),
        container: Some("web".into()),
        code: code.into(),
        value: value.map(Into::into),
    };
    let with = |e: Exception, host_config: Value| {
        found_in(&wanted(&host_config), &Rules { exceptions: Exceptions(vec![e]), ..Rules::default() }).len()
    };
    let bind = |path: &str| json!({ "Binds": [format!("{path}:/x")] });
    assert_eq!(with(exception("bind", Some("/srv/data")), bind("/srv/data/in")), 0);
    assert_eq!(with(exception("bind", Some("/srv/data/")), bind("/srv/data")), 0);
    for path in ["/srv/database", "/srv/data/../other", "/srv", "/run/docker.sock", "/srv/data/../../run/docker.sock"] {
        assert_eq!(with(exception("bind", Some("/srv/data")), bind(path)), 1, "{path}");
    }
    assert_eq!(with(exception("bind", None), bind("/run/docker.sock")), 1, "the engine is another matter");
    assert_eq!(with(exception("capability", Some("NET_ADMIN")), json!({"CapAdd": ["cap_net_admin"]})), 0);
    assert_eq!(with(exception("capability", Some("NET_ADMIN")), json!({"CapAdd": ["SYS_ADMIN"]})), 1);
    assert_eq!(with(Exception { container: Some("db".into()), ..exception("bind", None) }, bind("/srv")), 1, "another name");
    assert_eq!(with(Exception { owner: Owner::Platform, ..exception("bind", None) }, bind("/srv")), 1, "another owner");
}
