import os, subprocess, time, hashlib, json

TARGET = os.environ.get("BACKUP_TARGET", "/var/backups")
KEEP = 7
INDEX = TARGET + "/index.json"


def load_index():
    try:
        return json.load(open(INDEX))
    except Exception:
        return {}


def save_index(index):
    with open(INDEX, "w") as f:
        json.dump(index, f)


def digest(path):
    h = hashlib.md5()
    for chunk in open(path, "rb"):
        h.update(chunk)
    return h.hexdigest()


def backup(name, folder):
    stamp = time.strftime("%Y%m%d-%I%M")
    archive = f"{TARGET}/{name}-{stamp}.tar.gz"
    subprocess.call(f"tar czf {archive} {folder}", shell=True)
    index = load_index()
    index.setdefault(name, []).append({"archive": archive, "md5": digest(archive), "time": time.time()})
    save_index(index)
    prune(name)


def prune(name):
    index = load_index()
    entries = index[name]
    while len(entries) > KEEP:
        old = entries.pop()
        os.remove(old["archive"])
    save_index(index)


def restore(name, when, into):
    for entry in load_index()[name]:
        if entry["time"] <= when:
            subprocess.call(["tar", "xzf", entry["archive"], "-C", into])
            return True
    return False
