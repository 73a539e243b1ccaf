#!/bin/sh
# Installs the named Debian packages as root without starting or enabling their system services, and without
# a default PostgreSQL cluster. Everything it changes for that purpose is put back at the end, also on failure:
#   /usr/sbin/policy-rc.d                      tells package scripts not to start services; only if there is none
#   /etc/postgresql-common/createcluster.conf  create_main_cluster = false while the packages are installed
# Units that were there before are left alone.
set -u
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

POLICY=/usr/sbin/policy-rc.d
POLICY_MARK='# Put here by Tier-0 while it installs packages.'
CREATECLUSTER=/etc/postgresql-common/createcluster.conf
CREATECLUSTER_SAVED=$CREATECLUSTER.tier0-saved
UNITS='postgresql etcd redis-server redis-sentinel mosquitto nginx rabbitmq-server epmd patroni
prometheus prometheus-alertmanager prometheus-postgres-exporter prometheus-redis-exporter prometheus-nginx-exporter'

[ "$(id -u)" -eq 0 ] || { echo 'This script must run as root.' >&2; exit 1; }
[ $# -gt 0 ] || { echo "Usage: sh $0 package..." >&2; exit 2; }

# One installation at a time on this machine; the lock goes with the process.
exec 9>/run/lock/tier0-packages.lock || exit 1
flock -w 900 9 || { echo 'Another Tier-0 has been installing packages for 15 minutes.' >&2; exit 1; }

restore() {
  if [ -f "$CREATECLUSTER_SAVED" ]; then mv -f "$CREATECLUSTER_SAVED" "$CREATECLUSTER"; fi
  if grep -qxF "$POLICY_MARK" "$POLICY" 2>/dev/null; then rm -f "$POLICY"; fi
}

unit_exists() {
  [ -e "/lib/systemd/system/$1.service" ] || [ -e "/etc/systemd/system/$1.service" ] || [ -e "/etc/init.d/$1" ]
}

known_units=' '
for unit in $UNITS; do
  if unit_exists "$unit"; then known_units="$known_units$unit "; fi
done

keep_services_off() {
  for unit in $UNITS; do
    case "$known_units" in *" $unit "*) continue ;; esac
    unit_exists "$unit" || continue
    if [ -d /run/systemd/system ]; then
      systemctl disable --now --quiet "$unit.service"
    elif command -v systemctl >/dev/null; then
      systemctl disable --quiet "$unit.service"
    elif command -v update-rc.d >/dev/null; then
      update-rc.d "$unit" disable
    fi || echo "Could not disable the service $unit." >&2
  done
}

apt() {
  apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" 9>&-
}

update_lists() {
  # The lock of the package lists, unlike dpkg's, has no waiting option of its own.
  for attempt in 1 2 3 4 5 6 7 8 9 10 11 12; do
    output=$(apt update 2>&1) && return
    case $output in *'Could not get lock'*) sleep 5 ;; *) break ;; esac
  done
  echo "$output"
  echo 'apt-get update failed; going on with the lists at hand.'
}

install_all() {
  update_lists
  case " $* " in
    *' postgresql '*)
      # The file that decides about the default cluster comes with postgresql-common.
      [ -f "$CREATECLUSTER" ] || apt install --no-install-recommends postgresql-common || return
      cp -p "$CREATECLUSTER" "$CREATECLUSTER_SAVED" || return
      { sed '/^[[:space:]]*create_main_cluster/d' "$CREATECLUSTER_SAVED"; echo 'create_main_cluster = false'; } \
        >"$CREATECLUSTER" || return
      ;;
  esac
  apt install --no-install-recommends "$@"
}

# What an earlier run left behind when it was killed outright.
restore
# A signal must not cut a package installation in two: it is noted, and the shell acts on it afterwards.
stopped=
trap 'stopped=1' INT TERM HUP
trap restore EXIT

if [ ! -e "$POLICY" ]; then
  printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" >"$POLICY" && chmod 755 "$POLICY" || exit 1
fi
install_all "$@"
result=$?
keep_services_off
[ -z "$stopped" ] || exit 130
exit "$result"
